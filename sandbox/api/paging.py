"""Which records a page contains, and where the next page starts."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import Any, TypeVar

from sandbox.api.lists import List, Record
from sandbox.api.queries import Query, RefusedError
from sandbox.api.tables import Place, Table

T = TypeVar("T")
Held = tuple[int, Record]


def is_listable(record: Record) -> bool:
    """False for users who left and records marked `_lagging`: only `path/{id}` answers them."""
    return not (record.get("removedFromOrganization") or record.get("_lagging"))


def page(row: List, query: Query, tables: list[Table], now: str) -> tuple[list[Held], Any]:
    """Records of the page with their organization ids, and the content of the next cursor (None
    at the end).

    now: orders that start later are upcoming. Raises RefusedError (400) for a bad cursor.
    """
    if row.positions:
        return _by_position(query, tables[0], now)
    places = [(place, table) for table in tables for place in table.order(query.sort)]
    if len(tables) > 1:
        places.sort(key=lambda pair: pair[0])
    if query.descending:
        places.reverse()
    records = ((table.organization_id, table.records[place[2]]) for place, table in places)
    return by_offset(
        query, [held for held in records if query.matches(held[1]) and is_listable(held[1])]
    )


def by_offset(query: Query, held: Sequence[T]) -> tuple[list[T], Any]:
    """A page by the offset that the cursor encodes."""
    match query.cursor:
        case None:
            begin = 0
        case {"offset": int(offset)} if offset >= 0:
            begin = offset
        case _:
            raise RefusedError(400, "Invalid cursor")
    end = begin + query.limit
    return list(held[begin:end]), {"offset": end} if end < len(held) else None


def _by_position(query: Query, table: Table, now: str) -> tuple[list[Held], Any]:
    order = table.order(query.sort)
    at, step = _begin(order, query)
    found: list[Held] = []
    last: Place | None = None
    while 0 <= at < len(order):
        place = order[at]
        at += step
        record = table.records[place[2]]
        if _is_left_out(record, query, now) or not query.matches(record):
            continue
        if last is not None and len(found) == query.limit:
            return found, [query.sort, query.descending, *last]
        found.append((table.organization_id, record))
        last = place
    return found, None


def _is_left_out(record: Record, query: Query, now: str) -> bool:
    start = record.get("startDate")
    upcoming = isinstance(start, str) and start > now and record.get("recurrenceInfo")
    return bool(upcoming) and not query.show_upcoming and "_text" not in record


def _begin(order: list[Place], query: Query) -> tuple[int, int]:
    """Index at which the page starts, and the step along the order."""
    if query.cursor is None:
        if query.descending:
            return len(order) - 1, -1
        floors = [text for name, lower, text in query.times if lower and name == query.sort]
        return (bisect_left(order, (False, max(floors), -1)) if floors else 0), 1
    match query.cursor:
        case [query.sort, query.descending, bool(null), str(value), int(key)]:
            place = (null, value, key)
        case _:
            raise RefusedError(400, "Invalid cursor")
    if query.descending:
        return bisect_left(order, place) - 1, -1
    return bisect_right(order, place), 1
