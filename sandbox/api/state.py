"""The sandbox: what it holds and how that changes. How it answers is in `answers`."""

import json
import random
import threading
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from sandbox.api.faults import Fault, Quota
from sandbox.api.lists import CUSTOM_FIELDS, LISTS, SELECTIONS, Record
from sandbox.api.paging import is_listable, page
from sandbox.api.queries import Query, expands_of
from sandbox.api.shapes import shaped
from sandbox.api.tables import FIRST_PLANTED, Organization, Table
from sandbox.api.webhooks import Webhooks
from sandbox.plant.clock import SECOND, instant, iso
from sandbox.plant.dataset import Dataset
from sandbox.plant.words import CUSTOM_FIELD_ENTITIES

# What is served below a record of a list, and the field of the record that holds it.
BELOW = {
    ("work_orders", "comments"): "_comments",
    ("teams", "members"): "_members",
    ("vendors", "contacts"): "_contacts",
}
KEY = "sandbox-key"
KEY_OF_ONE = "sandbox-key-1"


@dataclass
class Request:
    """A logged request. time: epoch seconds; path: below /v1; query: name -> values;
    body: of a POST; organization_ids: the requested organizations; status: None without an answer.
    """

    time: float
    method: str
    path: str
    query: dict[str, list[str]]
    body: bytes = b""
    organization_ids: tuple[int, ...] = ()
    status: int | None = None

    @property
    def target(self) -> str:
        """Path and decoded query in one text."""
        pairs = [f"{name}={value}" for name, values in self.query.items() for value in values]
        return self.path + ("?" + "&".join(pairs) if pairs else "")


def _selection(name: str) -> tuple[str, str]:
    """The list behind a list, and the flag that selects its records; '' for all."""
    return SELECTIONS.get(name, (name, ""))


class Sandbox:
    """A mock MaintainX account. Thread-safe; `dataset` is never changed.

    keys: bearer token -> ids of the organizations it sees, None for all of them.
    forbidden: lists, by their name in the warehouse, that are not on the plan (403).
    quota, faults, forbidden, shuffle_costs and before_answer may be changed at any time.
    shuffle_costs: every answer has time items and expenditures in another order.
    before_answer: called before each page of a list is read, free to change the sandbox.
    requests: every request since the start, oldest first.
    organization_ids: every organization, in the dataset's order.
    lock: held while records are read or changed.
    webhooks: subscriptions, and the deliveries of changes.
    """

    def __init__(
        self,
        dataset: Dataset,
        keys: Mapping[str, Collection[int] | None] | None = None,
        quota: Quota | None = None,
        forbidden: Iterable[str] = (),
    ) -> None:
        self.dataset = dataset
        self.organization_ids: list[int] = [each["id"] for each in dataset.organizations]
        first = self.organization_ids[0]
        self.keys = dict(keys) if keys is not None else {KEY: None, KEY_OF_ONE: (first,)}
        self.quota = quota or Quota()
        self.forbidden = set(forbidden)
        self.faults: list[Fault] = []
        self.shuffle_costs = False
        self.before_answer: Callable[[Request], None] | None = None
        self.requests: list[Request] = []
        self.lock = threading.RLock()
        self.webhooks = Webhooks()
        self._clock = instant(dataset.now)
        self._last_ids: dict[str, int] = {}
        self._planted = FIRST_PLANTED
        self._shuffled = random.Random(dataset.seed)
        self._tables = {
            organization_id: {
                name: Table(organization_id, dataset.records[organization_id].get(name, ()))
                for name in (*LISTS, *CUSTOM_FIELD_ENTITIES.values())
            }
            for organization_id in self.organization_ids
        }
        for organization_id, tables in self._tables.items():
            for name, records in dataset.gone[organization_id].items():
                tables[name].gone = {record["id"]: record for record in records}

    @property
    def now(self) -> str:
        """The sandbox's own time (ISO 8601, UTC): each change advances it by a second."""
        return iso(self._clock)

    def table(self, name: str, organization_id: int) -> Table:
        """The records of a list; of a subset, those of the list behind it. Raises KeyError for an
        unknown list or organization."""
        return self._tables[organization_id][_selection(name)[0]]

    def organization(self, organization_id: int) -> Organization:
        """The tables of an organization, for answers that look up its records."""
        shuffled = self._shuffled if self.shuffle_costs else None
        return Organization(self._tables[organization_id], shuffled)

    # Reading

    def live(self, name: str, organization_id: int) -> list[Record]:
        """Current records of a list, ascending by id, as `path/{id}` gives them with every expand
        (as listed, if that path does not exist). Links are unsigned; records planted verbatim
        are left out."""
        name, flag = _selection(name)
        shape = CUSTOM_FIELDS
        if name in LISTS:
            shape = LISTS[name].detail or LISTS[name].listed
        with self.lock:
            records = self.table(name, organization_id).records
            source = self.organization(organization_id)
            return [
                shaped(source, name, shape, records[key], frozenset(shape.expands))
                for key in sorted(records)
                if "_text" not in records[key]
                and is_listable(records[key])
                and records[key].get(flag, not flag)
            ]

    def below(
        self, name: str, organization_id: int, collection: str, record_id: int
    ) -> list[Record]:
        """Exactly the elements at an address below a record, such as the comments of a work order.
        Raises KeyError."""
        with self.lock:
            record = self.table(name, organization_id).records[record_id]
            held: list[Any] = record.get(BELOW[name, collection], [])
            if collection != "members":
                return held
            users = self.table("users", organization_id).records
            return [
                {
                    "id": user_id,
                    "firstName": users[user_id]["firstName"],
                    "lastName": users[user_id]["lastName"],
                    "teamRole": role,
                }
                for user_id, role in held
                if user_id in users and is_listable(users[user_id])
            ]

    def listed(
        self,
        name: str,
        organization_id: int,
        expand: Iterable[str] = (),
        *,
        show_upcoming: bool = True,
    ) -> list[Record]:
        """Exactly the records of the list's pages, in their default order. Links are unsigned;
        records planted verbatim are left out."""
        name, flag = _selection(name)
        if name not in LISTS:
            return self.live(name, organization_id)
        row = LISTS[name]
        query = Query(
            limit=FIRST_PLANTED,
            sort=row.order.lstrip("-"),
            descending=row.order.startswith("-"),
            expands=expands_of(row.listed, list(expand)),
            show_upcoming=show_upcoming,
        )
        with self.lock:
            held, _ = page(row, query, [self.table(name, organization_id)], self.now)
            source = self.organization(organization_id)
            return [
                shaped(source, name, row.listed, record, query.expands)
                for _, record in held
                if "_text" not in record and record.get(flag, not flag)
            ]

    # Changing

    def update(self, name: str, record_id: int, /, *, touch: bool = True, **fields: Any) -> None:
        """Change fields of a record. With `touch`, its updatedAt becomes the new `now` unless
        given; without, it stays, as it does when time or costs are logged. Raises KeyError."""
        with self.lock:
            table = self._holder(name, record_id)
            self._clock += SECOND
            stamp = {"updatedAt": self.now} if touch else {}
            table.put(record_id, {**table.records[record_id], **stamp, **fields})
            self._tell("update", name, table, record_id)

    def insert(
        self, name: str, record: Record | None = None, organization_id: int | None = None
    ) -> int:
        """Add a record to an organization (None: the first one); returns its id. Missing fields
        are copied from the newest record of the list, except id, sequentialId, createdAt and
        updatedAt, which are generated."""
        name, flag = _selection(name)
        with self.lock:
            self._clock += SECOND
            table = self.table(name, organization_id or self.organization_ids[0])
            held = table.ids()
            new = {
                **(table.records[max(held)] if held else {}),
                "id": self._new_id(name),
                "createdAt": self.now,
                "updatedAt": self.now,
            }
            if name == "work_orders":
                new["sequentialId"] = len(held) + len(table.gone) + 1
                for link in ("previousId", "nextId", "parentId", "isParent"):
                    new.pop(link, None)
            new.update({flag: True} if flag else {})
            new.update(record or {})
            table.put(new["id"], new)
            self._tell("insert", name, table, new["id"])
            return int(new["id"])

    def comment(self, work_order_id: int, content: str) -> int:
        """Add a comment to a work order; returns its id. It moves lastMessageSentAt, and updatedAt
        stays, as MaintainX does. Raises KeyError."""
        with self.lock:
            order = self._holder("work_orders", work_order_id).records[work_order_id]
            comments = order.get("_comments", [])
            number = 1 + self._last_ids.get("comments", FIRST_PLANTED)
            self._last_ids["comments"] = number
            moment = iso(self._clock + SECOND)
            comment = {
                "id": number,
                "authorId": order.get("creatorId", 0),
                "content": content,
                "createdAt": moment,
            }
            self.update(
                "work_orders",
                work_order_id,
                touch=False,
                lastMessageSentAt=moment,
                _comments=[*comments, comment],
            )
            return number

    def delete(self, name: str, record_id: int) -> None:
        """Delete a record: it leaves its list and `path/{id}` answers 404. Raises KeyError."""
        with self.lock:
            table = self._holder(name, record_id)
            table.put(record_id, None)
            self._clock += SECOND
            self._tell("delete", name, table, record_id)

    def restore(self, name: str, record_id: int, *, touch: bool = True) -> None:
        """Restore a deleted record unchanged; `touch` as for `update`. Raises KeyError."""
        with self.lock:
            for tables in self._tables.values():
                if record_id in tables[name].gone:
                    tables[name].put(record_id, tables[name].gone.pop(record_id))
            self.update(name, record_id, touch=touch)

    def raw_record(self, name: str, organization_id: int, text: str | bytes) -> None:
        """Plant a record verbatim: the pages of the list contain its text unchanged, valid or not.

        An object is ordered by its times; any other text comes last. Only a filter by a time that
        the record has can exclude it.
        """
        raw = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
        try:
            data = json.loads(raw)
        except (ValueError, RecursionError):
            data = None
        record = {**data, "_text": raw} if isinstance(data, dict) else {"_text": raw}
        with self.lock:
            self._planted += 1
            self.table(name, organization_id).put(self._planted, record)

    def _tell(self, kind: str, name: str, table: Table, record_id: int) -> None:
        record = table.find(record_id) or {}
        self.webhooks.happened(kind, _selection(name)[0], table.organization_id, record)

    def _new_id(self, name: str) -> int:
        ids = (
            key
            for tables in self._tables.values()
            for key in (*tables[name].ids(), *tables[name].gone)
        )
        self._last_ids[name] = 1 + (self._last_ids.get(name) or max(ids, default=0))
        return self._last_ids[name]

    def _holder(self, name: str, record_id: int) -> Table:
        for organization_id in self.organization_ids:
            if record_id in (table := self.table(name, organization_id)).records:
                return table
        raise KeyError(f"no {name} {record_id}")

    # Requests

    def log(self, method: str, target: str, body: bytes = b"") -> Request:
        """Log a request; `target` is the path with its query, as sent."""
        parts = urlsplit(target)
        path = unquote(parts.path).removeprefix("/v1")
        query = parse_qs(parts.query, keep_blank_values=True)
        request = Request(time.time(), method, path, query, body)
        with self.lock:
            self.requests.append(request)
        return request

    def fault(self, request: Request) -> Fault | None:
        """The fault that applies to this request, if any."""
        return next((fault for fault in self.faults if fault.strikes(request.target)), None)
