"""One list of one organization: its records, and their sort orders."""

import random
from bisect import bisect_left, insort
from collections.abc import Iterable, Mapping
from typing import Any

from sandbox.api.lists import Record

# Records planted verbatim come after all other records of the same time.
FIRST_PLANTED = 10**15

# (value is null, value, key): in ascending order nulls come last, ties are ordered by key.
Place = tuple[bool, Any, int]


class Table:
    """Records by id. A record planted verbatim holds its bytes under `_text` and has a generated
    key. gone: deleted records, which other records may still show."""

    def __init__(self, organization_id: int, records: Iterable[Record]) -> None:
        self.organization_id = organization_id
        self.records: dict[int, Record] = {record["id"]: record for record in records}
        self.gone: dict[int, Record] = {}
        self._orders: dict[str, list[Place]] = {}
        self._children: dict[int, list[int]] | None = None

    def order(self, sort: str) -> list[Place]:
        """The position of every record in the order `sort`, ascending."""
        if sort not in self._orders:
            self._orders[sort] = sorted(
                _place(sort, key, record) for key, record in self.records.items()
            )
        return self._orders[sort]

    def put(self, key: int, record: Record | None) -> None:
        """Set the record under `key`; None deletes it."""
        former = self.records.pop(key, None)
        for sort, order in self._orders.items():
            if former is not None:
                del order[bisect_left(order, _place(sort, key, former))]
            if record is not None:
                insort(order, _place(sort, key, record))
        if record is not None:
            self.records[key] = record
        elif former is not None:
            self.gone[key] = former
        self._children = None

    def find(self, key: object) -> Record | None:
        """The record of that id, deleted ones too."""
        if not isinstance(key, int):
            return None
        return self.records.get(key) or self.gone.get(key)

    def children(self, key: int) -> list[int]:
        """Ids of records with this parentId that are not deleted, ascending."""
        if self._children is None:
            self._children = {}
            for child in sorted(self.records):
                parent = self.records[child].get("parentId")
                if isinstance(parent, int):
                    self._children.setdefault(parent, []).append(child)
        return self._children.get(key, [])

    def ids(self) -> list[int]:
        """Ids of records that are not deleted, except those planted verbatim."""
        return [key for key in self.records if key < FIRST_PLANTED]


def _place(sort: str, key: int, record: Record) -> Place:
    if sort == "id":
        return (False, "", key)
    value = record.get(sort)
    return (False, value, key) if isinstance(value, str) else (True, "", key)


class Organization:
    """The tables of one organization, in which answers look up related records.

    shuffled: draws the order of cost entries; None keeps the order.
    """

    def __init__(self, tables: Mapping[str, Table], shuffled: random.Random | None) -> None:
        self._tables = tables
        self.shuffled = shuffled

    def find(self, name: str, record_id: object) -> Record | None:
        """The record of that id, deleted ones too."""
        return self._tables[name].find(record_id)

    def children(self, name: str, record_id: int) -> list[int]:
        """Ids of records with this parentId that are not deleted, ascending."""
        return self._tables[name].children(record_id)
