"""The sandbox: what it holds, how that changes, and its answer to a request. No socket here."""

import json
import random
import threading
import time
from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

from loaders.sandbox.clock import SECOND, instant, iso
from loaders.sandbox.dataset import Dataset
from loaders.sandbox.faults import Fault, Quota
from loaders.sandbox.lists import (
    BY_PATH,
    CUSTOM_FIELDS,
    ENTITIES,
    LISTS,
    SUB_WORK_ORDER,
    List,
    Shape,
)
from loaders.sandbox.queries import (
    Query,
    RefusedError,
    boolean,
    expands_of,
    read,
    read_paging,
    write_cursor,
)
from loaders.sandbox.shapes import Record, shaped

KEY = "sandbox-key"
KEY_OF_ONE = "sandbox-key-1"
UNSIGNED = "Signature=0"
# Records planted verbatim stand behind every other one of the same time.
FIRST_PLANTED = 10**15

Place = tuple[bool, Any, int]
_NO_FIELDS = Shape.of("")


@dataclass
class Request:
    """One request, as logged. time: epoch seconds; path: below /v1; query: name -> values;
    organization_ids: those it asks about; status: None until answered, and where none came."""

    time: float
    method: str
    path: str
    query: dict[str, list[str]]
    organization_ids: tuple[int, ...] = ()
    status: int | None = None

    @property
    def target(self) -> str:
        """Path and decoded query in one text."""
        pairs = [f"{name}={value}" for name, values in self.query.items() for value in values]
        return self.path + ("?" + "&".join(pairs) if pairs else "")


@dataclass
class Answer:
    """What goes over the wire."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)


class Table:
    """One list of one organization, with the orders in which it has been asked for."""

    def __init__(self, organization_id: int, records: Iterable[Record]) -> None:
        self.organization_id = organization_id
        self.records: dict[int, Record] = {record["id"]: record for record in records}
        self.gone: dict[int, Record] = {}
        self._orders: dict[str, list[Place]] = {}
        self._children: dict[int, list[int]] | None = None

    def order(self, sort: str) -> list[Place]:
        """Every record's place along `sort`, ascending, nulls last, ties by id."""
        if sort not in self._orders:
            self._orders[sort] = sorted(
                place(sort, key, record) for key, record in self.records.items()
            )
        return self._orders[sort]

    def put(self, key: int, record: Record | None) -> None:
        """Set the record under `key`; None takes it away."""
        former = self.records.pop(key, None)
        for sort, order in self._orders.items():
            if former is not None:
                del order[bisect_left(order, place(sort, key, former))]
            if record is not None:
                insort(order, place(sort, key, record))
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
        """Ids of the live records whose parentId this is."""
        if self._children is None:
            self._children = {}
            for child in sorted(self.records):
                parent = self.records[child].get("parentId")
                if isinstance(parent, int):
                    self._children.setdefault(parent, []).append(child)
        return self._children.get(key, [])


def place(sort: str, key: int, record: Record) -> Place:
    """Where a record stands along `sort`."""
    if sort == "id":
        return (False, "", key)
    value = record.get(sort)
    return (False, value, key) if isinstance(value, str) else (True, "", key)


class _Organization:
    """One organization's tables, as answers about its records look them up."""

    def __init__(self, tables: Mapping[str, Table], shuffled: random.Random | None) -> None:
        self._tables = tables
        self.shuffled = shuffled

    def find(self, name: str, record_id: object) -> Record | None:
        return self._tables[name].find(record_id)

    def children(self, name: str, record_id: int) -> list[int]:
        return self._tables[name].children(record_id)


class Sandbox:
    """A MaintainX of our own. Safe to use from several threads; `dataset` is never changed.

    keys: bearer token -> ids of the organizations it sees, None for all of them.
    forbidden: lists, by their name in the warehouse, that the plan is without (403).
    quota, faults, forbidden, shuffle_costs and before_answer may be changed at any time.
    shuffle_costs: time items and expenditures come in another order at every call.
    before_answer: called before each page of a list is read, free to change the sandbox.
    requests: every request since the start, oldest first.
    organization_ids: every organization, in the dataset's order.
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
        self._clock = instant(dataset.now)
        self._answers = 0
        self._last_ids: dict[str, int] = {}
        self._planted = FIRST_PLANTED
        self._shuffled = random.Random(dataset.seed)
        self._lock = threading.RLock()
        self._tables = {
            organization["id"]: {
                name: Table(organization["id"], dataset.records[organization["id"]].get(name, ()))
                for name in (*LISTS, *ENTITIES.values())
            }
            for organization in dataset.organizations
        }
        for organization_id, tables in self._tables.items():
            for name, records in dataset.gone[organization_id].items():
                tables[name].gone = {record["id"]: record for record in records}

    @property
    def now(self) -> str:
        """The sandbox's own time (ISO 8601, UTC): moves on by a second with every change."""
        return iso(self._clock)

    # What it holds

    def live(self, name: str, organization_id: int) -> list[Record]:
        """What the source holds now of a list, ascending by id, as each record's own address
        gives it with every expand (a list without such addresses: as listed). Links unsigned;
        records planted verbatim left out."""
        with self._lock:
            return list(self._live(name, organization_id))

    def _live(self, name: str, organization_id: int) -> Iterator[Record]:
        if name in ENTITIES.values():
            shape = CUSTOM_FIELDS
        else:
            shape = LISTS[name].detail or LISTS[name].listed
        table = self._table(name, organization_id)
        source = self._source(organization_id)
        for _, record in sorted(table.records.items()):
            if "_text" not in record and _listable(record):
                yield shaped(source, name, shape, record, frozenset(shape.expands))

    def listed(
        self,
        name: str,
        organization_id: int,
        expand: Iterable[str] = (),
        *,
        show_upcoming: bool = True,
    ) -> list[Record]:
        """Exactly the records that the list's pages give, in their default order. Links unsigned;
        records planted verbatim left out."""
        with self._lock:
            if name in ENTITIES.values():
                return list(self._live(name, organization_id))
            row = LISTS[name]
            query = Query(
                limit=10**9,
                sort=row.order.lstrip("-"),
                descending=row.order.startswith("-"),
                expands=expands_of(row.listed, list(expand)),
                show_upcoming=show_upcoming,
            )
            records, _ = self._page(row, query, [organization_id])
            return [
                self._shaped(row, row.listed, record, query.expands, organization_id)
                for record in records
                if "_text" not in record
            ]

    # How it changes

    def update(self, name: str, record_id: int, /, *, touch: bool = True, **fields: Any) -> None:
        """Change fields of a record. With `touch`, its updatedAt becomes the new `now`; without,
        it stays, as it does when time or costs are logged. Raises KeyError."""
        with self._lock:
            table = self._holder(name, record_id)
            self._tick()
            changed = {**table.records[record_id], **fields}
            if touch and "updatedAt" not in fields:
                changed["updatedAt"] = self.now
            table.put(record_id, changed)

    def insert(
        self, name: str, record: Record | None = None, organization_id: int | None = None
    ) -> int:
        """Add a record and give its id. What `record` leaves out is taken from the newest of the
        list, but for id, sequentialId, createdAt and updatedAt, which are made. Into the
        organization of that id, the first where None."""
        with self._lock:
            self._tick()
            if organization_id is None:
                organization_id = self.organization_ids[0]
            table = self._table(name, organization_id)
            held = [key for key in table.records if key < FIRST_PLANTED]
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
            new.update(record or {})
            table.put(new["id"], new)
            return int(new["id"])

    def delete(self, name: str, record_id: int) -> None:
        """A record vanishes from its list and its address answers 404. Raises KeyError."""
        with self._lock:
            table = self._holder(name, record_id)
            self._tick()
            table.put(record_id, None)

    def raw_record(self, name: str, organization_id: int, text: str | bytes) -> None:
        """Plant a record verbatim: its text stands in the list's pages as it is, whatever it is.

        Where it is an object with readable times it takes its place by them, else it comes last.
        """
        with self._lock:
            raw = text.encode() if isinstance(text, str) else text
            try:
                data = json.loads(raw)
            except ValueError:
                data = None
            record = {**data, "_text": raw} if isinstance(data, dict) else {"_text": raw}
            self._planted += 1
            self._table(name, organization_id).put(self._planted, record)

    def restore(self, name: str, record_id: int, *, touch: bool = True) -> None:
        """A deleted record comes back as it was; `touch` as for `update`. Raises KeyError."""
        with self._lock:
            for tables in self._tables.values():
                if record_id in tables[name].gone:
                    tables[name].put(record_id, tables[name].gone.pop(record_id))
            self.update(name, record_id, touch=touch)

    def _new_id(self, name: str) -> int:
        ids = (
            key
            for tables in self._tables.values()
            for key in (*tables[name].records, *tables[name].gone)
            if key < FIRST_PLANTED
        )
        self._last_ids[name] = 1 + (self._last_ids.get(name) or max(ids, default=0))
        return self._last_ids[name]

    def _tick(self) -> None:
        self._clock += SECOND

    def _table(self, name: str, organization_id: int) -> Table:
        return self._tables[organization_id][name]

    def _holder(self, name: str, record_id: int) -> Table:
        for tables in self._tables.values():
            if record_id in tables[name].records:
                return tables[name]
        raise KeyError(f"no {name} {record_id}")

    # How it answers

    def log(self, method: str, target: str) -> Request:
        """Note a request; `target` is the path with its query, as sent."""
        parts = urlsplit(target)
        path = unquote(parts.path).removeprefix("/v1")
        query = parse_qs(parts.query, keep_blank_values=True)
        request = Request(time.time(), method, path, query)
        with self._lock:
            self.requests.append(request)
        return request

    def fault(self, request: Request) -> Fault | None:
        """The fault that strikes this request, if any."""
        return next((fault for fault in self.faults if fault.strikes(request.target)), None)

    def answer(self, request: Request, headers: Mapping[str, str]) -> Answer:
        """Answer a request. headers: its own, with names in lower case."""
        key = headers.get("authorization", "").removeprefix("Bearer ").removeprefix("bearer ")
        if key not in self.keys:
            request.status = 401
            return Answer(401, b'{"error":"Unauthorized"}')
        quota = self.quota
        allowed, remaining, reset = quota.take(key)
        if allowed:
            answer = self._within_quota(request, key, headers)
        else:
            message = f"Too many requests. Please retry in {reset} seconds"
            answer = Answer(429, _json({"error": message}))
            if quota.retry_after:
                answer.headers["Retry-After"] = str(reset)
        if quota.headers:
            answer.headers["X-Rate-Limit-Limit"] = str(quota.limit)
            answer.headers["X-Rate-Limit-Remaining"] = str(remaining)
            answer.headers["X-Rate-Limit-Reset"] = str(reset)
        request.status = answer.status
        return answer

    def _within_quota(self, request: Request, key: str, headers: Mapping[str, str]) -> Answer:
        try:
            body = self._body(request, key, headers)
        except RefusedError as refused:
            return Answer(refused.status, _json(refused.body))
        with self._lock:
            self._answers += 1
            signature = f"Signature={self._answers * 0x9E3779B97F4A7C15 % 2**64:016x}"
        return Answer(200, body.replace(UNSIGNED.encode(), signature.encode()))

    def _body(self, request: Request, key: str, headers: Mapping[str, str]) -> bytes:
        steps = request.path.strip("/").split("/")
        seen = self._seen(key)
        if steps == ["organizations"]:
            request.organization_ids = tuple(seen)
            self._check_plan("organizations", "list")
            return self._list(LISTS["organizations"], request)
        row = BY_PATH.get(steps[0])
        name = row.name if row else ENTITIES.get(steps[-1], "")
        if not name or (row is None and (len(steps) != 2 or steps[0] != "customfields")):
            raise RefusedError(404, "Not Found.")
        request.organization_ids = _asked(
            headers, seen, several=bool(row and row.several and len(steps) == 1)
        )
        self._check_plan(name, "list" if len(steps) == 1 else "get")
        if row is None:
            return self._custom_fields(request, name)
        if len(steps) == 1:
            return self._list(row, request)
        return self._below(row, steps[1:], request)

    def _seen(self, key: str) -> list[int]:
        allowed = self.keys[key]
        return [each for each in self.organization_ids if allowed is None or each in allowed]

    def _check_plan(self, name: str, verb: str) -> None:
        if name in ("manufacturers", "models") and name in self.forbidden:
            title = name.removesuffix("s").capitalize()
            raise RefusedError(403, f"{title} REST API {verb} is currently disabled.", listed=True)
        if name in self.forbidden:
            raise RefusedError(403, "This feature is not available on your plan.")

    def _custom_fields(self, request: Request, name: str) -> bytes:
        if request.query:
            raise RefusedError(400, f"{next(iter(request.query))!r} is not understood")
        if self.before_answer:
            self.before_answer(request)
        with self._lock:
            table = self._table(name, request.organization_ids[0])
            texts = [
                record["_text"] if "_text" in record else _json(_project(CUSTOM_FIELDS, record))
                for _, record in sorted(table.records.items())
            ]
        return b"[" + b",".join(texts) + b"]"

    def _list(self, row: List, request: Request) -> bytes:
        ids = list(request.organization_ids)
        with self._lock:
            query = read(row, request.query, self._labels(row, ids), self._categories(ids))
        if self.before_answer:
            self.before_answer(request)
        with self._lock:
            records, following = self._page(row, query, ids)
            texts = [
                record["_text"]
                if "_text" in record
                else _json(
                    self._shaped(
                        row, row.listed, record, query.expands, record.get("_organization", ids[0])
                    )
                )
                for record in records
            ]
        return _listing(row.collection, texts, following, request)

    def _labels(self, row: List, ids: list[int]) -> frozenset[str]:
        entity = f"custom_fields_{row.name}"
        return frozenset(
            record["label"]
            for each in ids
            for record in self._tables[each].get(entity, Table(each, ())).records.values()
            if "_text" not in record
        )

    def _categories(self, ids: list[int]) -> dict[int, str]:
        return {
            key: record["label"]
            for each in ids
            for key, record in self._table("categories", each).records.items()
            if "_text" not in record
        }

    def _page(self, row: List, query: Query, ids: list[int]) -> tuple[list[Record], Any]:
        """The records of a page and what its next cursor holds, None at the end."""
        if row.positions:
            return self._page_by_position(row, query, ids[0])
        begin = _offset(query.cursor)
        held = [
            (each, record)
            for each, record in self._in_order(row, query, ids)
            if query.matches(record) and _listable(record)
        ]
        page = held[begin : begin + query.limit]
        following = begin + query.limit if begin + query.limit < len(held) else None
        if len(ids) == 1:
            return [record for _, record in page], following
        return [
            record if "_text" in record else {**record, "_organization": each}
            for each, record in page
        ], following

    def _in_order(self, row: List, query: Query, ids: list[int]) -> Iterator[tuple[int, Record]]:
        tables = [self._table(row.name, each) for each in ids]
        places = [(place, table) for table in tables for place in table.order(query.sort)]
        if len(tables) > 1:
            places.sort(key=lambda pair: pair[0])
        if query.descending:
            places.reverse()
        return ((table.organization_id, table.records[place[2]]) for place, table in places)

    def _page_by_position(
        self, row: List, query: Query, organization_id: int
    ) -> tuple[list[Record], Any]:
        table = self._table(row.name, organization_id)
        order = table.order(query.sort)
        begin, step = _begin(order, query)
        page: list[Record] = []
        last: Place | None = None
        while 0 <= begin < len(order):
            found = order[begin]
            begin += step
            record = table.records[found[2]]
            if not (query.show_upcoming or "_text" in record) and self._is_upcoming(record):
                continue
            if not query.matches(record):
                continue
            if len(page) == query.limit and last is not None:
                return page, [query.sort, query.descending, *last]
            page.append(record)
            last = found
        return page, None

    def _is_upcoming(self, record: Record) -> bool:
        start = record.get("startDate")
        return isinstance(start, str) and start > self.now and bool(record.get("recurrenceInfo"))

    def _shaped(
        self,
        row: List,
        shape: Shape,
        record: Record,
        expands: frozenset[str],
        organization_id: int,
    ) -> Record:
        return shaped(self._source(organization_id), row.name, shape, record, expands)

    def _source(self, organization_id: int) -> _Organization:
        shuffled = self._shuffled if self.shuffle_costs else None
        return _Organization(self._tables[organization_id], shuffled)

    # Below a record

    def _below(self, row: List, steps: list[str], request: Request) -> bytes:
        organization_id = request.organization_ids[0]
        with self._lock:
            record = self._addressed(row, steps[0], request, organization_id)
            if len(steps) == 1:
                return self._detail(row, record, request, organization_id)
            if (row.name, steps[1]) == ("work_orders", "costs") and len(steps) == 2:
                rows = [*record.get("timeItems", ()), *record.get("expenditures", ())]
                total = sum(entry["rowTotal"] for entry in rows)
                return _json({"costs": {"total": total, "rows": rows}})
            if (row.name, steps[1]) == ("vendors", "contacts") and len(steps) == 3:
                for contact in record["_contacts"]:
                    if str(contact["id"]) == steps[2]:
                        return _json({"vendorContact": contact})
            if len(steps) == 2:
                return self._sublist(row, record, steps[1], request, organization_id)
        raise RefusedError(404, "Not Found.")

    def _addressed(self, row: List, text: str, request: Request, organization_id: int) -> Record:
        table = self._table(row.name, organization_id)
        if row.detail is None or not (text.isascii() and text.isdigit()):
            raise RefusedError(404, "Not Found.")
        key = int(text)
        if row.name == "work_orders" and boolean(
            "useSequentialId", request.query.pop("useSequentialId", ["false"])
        ):
            key = next(
                (each for each, held in table.records.items() if held.get("sequentialId") == key),
                -1,
            )
        record = table.records.get(key)
        if record is None or "_text" in record:
            raise RefusedError(404, "Not Found.")
        return record

    def _detail(self, row: List, record: Record, request: Request, organization_id: int) -> bytes:
        shape = row.detail or row.listed
        expands: frozenset[str] = frozenset()
        for name, texts in request.query.items():
            if name != "expand" or not shape.expands:
                raise RefusedError(400, f"{name!r} is not understood")
            expands = expands_of(shape, texts)
        return _json({row.record: self._shaped(row, shape, record, expands, organization_id)})

    def _sublist(
        self, row: List, record: Record, step: str, request: Request, organization_id: int
    ) -> bytes:
        shape = _NO_FIELDS
        if (row.name, step) == ("work_orders", "subworkorders"):
            collection, shape = "subworkorders", SUB_WORK_ORDER
            table = self._table(row.name, organization_id)
            held = [table.records[child] for child in table.children(record["id"])]
        elif (row.name, step) == ("work_orders", "comments"):
            collection, held = "comments", _comments(record)
        elif (row.name, step) == ("teams", "members"):
            collection, held = "members", self._members(record, organization_id)
        elif (row.name, step) == ("vendors", "contacts"):
            collection, held = "contacts", record["_contacts"]
        else:
            raise RefusedError(404, "Not Found.")
        query = read_paging(shape, request.query)
        begin = _offset(query.cursor)
        page = held[begin : begin + query.limit]
        following = begin + query.limit if begin + query.limit < len(held) else None
        texts = [
            _json(
                each
                if shape is _NO_FIELDS
                else self._shaped(row, shape, each, query.expands, organization_id)
            )
            for each in page
        ]
        return _listing(collection, texts, following, request)

    def _members(self, team: Record, organization_id: int) -> list[Record]:
        users = self._table("users", organization_id).records
        return [
            {
                "id": user_id,
                "firstName": users[user_id]["firstName"],
                "lastName": users[user_id]["lastName"],
                "teamRole": role,
            }
            for user_id, role in team["_members"]
            if user_id in users and _listable(users[user_id])
        ]


def _listable(record: Record) -> bool:
    """A user who left keeps an address but stands in no list."""
    return not record.get("removedFromOrganization")


def _asked(headers: Mapping[str, str], seen: list[int], *, several: bool) -> tuple[int, ...]:
    """The organizations a request is about. Raises RefusedError (400, 403)."""
    one, many = headers.get("x-organization-id"), headers.get("x-organization-ids")
    if one is not None and many is not None:
        raise RefusedError(400, "x-organization-id and x-organization-ids exclude each other")
    text = one if one is not None else many if several else None
    if text is None:
        if len(seen) != 1:
            raise RefusedError(400, "Missing x-organization-id header.", listed=True)
        return tuple(seen)
    try:
        ids = tuple(int(part) for part in (text.split(",") if one is None else [text]))
    except ValueError:
        raise RefusedError(400, f"{text!r} is no organization id") from None
    for each in ids:
        if each not in seen:
            raise RefusedError(403, f"No access to organization {each}.")
    return ids


def _begin(order: list[Place], query: Query) -> tuple[int, int]:
    """The index at which a walk along `order` begins, and its step."""
    if query.cursor is None:
        if query.descending:
            return len(order) - 1, -1
        floors = [text for name, lower, text in query.times if lower and name == query.sort]
        return (bisect_left(order, (False, max(floors), -1)) if floors else 0), 1
    match query.cursor:
        case [query.sort, query.descending, bool(null), str(value), int(key)]:
            found = (null, value, key)
        case _:
            raise RefusedError(400, "Invalid cursor")
    if query.descending:
        return bisect_left(order, found) - 1, -1
    return bisect_right(order, found), 1


def _offset(cursor: Any) -> int:
    if cursor is None:
        return 0
    match cursor:
        case {"offset": int(offset)} if offset >= 0:
            return offset
    raise RefusedError(400, "Invalid cursor")


def _comments(order: Record) -> list[Record]:
    """A work order's comments: one, from who created it, where it has a last message."""
    if not order.get("lastMessageSentAt"):
        return []
    return [
        {
            "id": order["id"] * 10,
            "authorId": order.get("creatorId") or 0,
            "content": f"About #{order['sequentialId']}: please see the photo.",
            "createdAt": order["lastMessageSentAt"],
        }
    ]


def _project(shape: Shape, record: Record) -> Record:
    return {
        name: record.get(name)
        for name, always in shape.fields
        if always or record.get(name) is not None
    }


_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def _json(value: object) -> bytes:
    return _ENCODER.encode(value).encode("utf-8", "surrogatepass")


def _listing(collection: str, texts: list[bytes], following: Any, request: Request) -> bytes:
    """A list's body. following: what the next cursor holds, None at the end."""
    cursor = path = None
    if following is not None:
        if isinstance(following, int):
            following = {"offset": following}
        cursor = write_cursor(following)
        path = f"{request.path}?{urlencode({**request.query, 'cursor': [cursor]}, doseq=True)}"
    return b'{"%s":[%s],"nextCursor":%s,"nextPageUrl":%s}' % (
        collection.encode(),
        b",".join(texts),
        _json(cursor),
        _json(path),
    )
