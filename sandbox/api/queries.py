"""Query strings: parsed by the API description; unknown parameters are refused."""

import base64
import json
from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass, field
from typing import Any

from sandbox.api.lists import List, Parameter, Record, Shape
from sandbox.plant.clock import instant, iso

Predicate = Callable[[Record], bool]
Values = Mapping[str, list[str]]
LARGEST_PAGE = 200
TIMES = ("updatedAt[gte]", "updatedAt[lte]", "createdAt[gte]", "createdAt[lte]")


class RefusedError(Exception):
    """An answer other than 200: its status and JSON body."""

    def __init__(self, status: int, message: str, *, listed: bool = False) -> None:
        super().__init__(message)
        self.status = status
        self.body: Record = {"errors": [{"error": message}]} if listed else {"error": message}


@dataclass
class Query:
    """A parsed query of a list. times: (field, is it the lower bound, text) of each bound."""

    limit: int = 100
    cursor: Any = None
    sort: str = "id"
    descending: bool = False
    expands: frozenset[str] = frozenset()
    times: list[tuple[str, bool, str]] = field(default_factory=list)
    predicates: list[Predicate] = field(default_factory=list)
    show_upcoming: bool = False

    def matches(self, record: Record) -> bool:
        """Whether a record matches. One planted verbatim matches all but readable times."""
        for name, lower, bound in self.times:
            value = record.get(name)
            if isinstance(value, str):
                if value < bound if lower else value > bound:
                    return False
            elif "_text" not in record:
                return False
        return "_text" in record or all(predicate(record) for predicate in self.predicates)


def read(row: List, values: Values, labels: Set[str], category: Mapping[int, str]) -> Query:
    """Parse the query of a list. labels: custom fields to filter by; category: labels by id.

    Raises RefusedError (400) for anything that the description lacks.
    """
    query = Query(sort=row.order.lstrip("-"), descending=row.order.startswith("-"))
    for name, texts in values.items():
        if name in row.filters:
            _filter(query, row, name, _read_all(row.filters[name], name, texts), category)
        elif name in TIMES and row.times:
            query.times.append(_bound(name, texts))
        elif name == "sort" and row.sorts:
            text = _single(name, texts)
            if text.removeprefix("-") not in row.sorts:
                raise RefusedError(400, f"{text!r} is no value of sort")
            query.sort, query.descending = text.removeprefix("-"), text.startswith("-")
        elif not _paging(query, row.listed, name, texts):
            _label(query, row, name, texts, labels)
    if row.name == "work_orders" and {"CANCELED", "SKIPPED"} <= set(values.get("statuses", ())):
        # The real API was seen to answer an empty page for the two together.
        query.predicates.append(lambda _: False)
    return query


def read_paging(shape: Shape, values: Values) -> Query:
    """Parse the query of a list below a record: only paging and expands."""
    query = Query()
    for name, texts in values.items():
        if not _paging(query, shape, name, texts):
            raise RefusedError(400, f"{name!r} is not understood")
    return query


def expands_of(shape: Shape, texts: list[str]) -> frozenset[str]:
    """The values of `expand`. Raises RefusedError (400) for an unknown one."""
    unknown = [text for text in texts if text not in shape.expands]
    if unknown:
        raise RefusedError(400, f"{unknown[0]!r} is no value of expand")
    return frozenset(texts)


def _paging(query: Query, shape: Shape, name: str, texts: list[str]) -> bool:
    if name == "limit":
        limit = _integer(name, _single(name, texts))
        if not 1 <= limit <= LARGEST_PAGE:
            raise RefusedError(400, f"limit must be from 1 to {LARGEST_PAGE}, not {limit}")
        query.limit = limit
    elif name == "cursor":
        query.cursor = read_cursor(_single(name, texts))
    elif name == "expand" and shape.expands:
        query.expands = expands_of(shape, texts)
    else:
        return False
    return True


def _single(name: str, texts: list[str]) -> str:
    if len(texts) > 1:
        raise RefusedError(400, f"{name} is given {len(texts)} times")
    return texts[0]


def _integer(name: str, text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise RefusedError(400, f"{name} must be an integer, not {text!r}") from None


def _time(name: str, text: str, *, up: bool = False) -> int:
    try:
        return instant(text, up=up)
    except ValueError:
        raise RefusedError(400, f"{name} must be an ISO 8601 date-time, not {text!r}") from None


def _bound(name: str, texts: list[str]) -> tuple[str, bool, str]:
    lower = name.endswith("[gte]")
    return name[:-5], lower, iso(_time(name, _single(name, texts), up=lower))


def boolean(name: str, texts: list[str]) -> bool:
    """A boolean. Raises RefusedError (400)."""
    text = _single(name, texts)
    if text not in ("true", "false"):
        raise RefusedError(400, f"{name} must be true or false, not {text!r}")
    return text == "true"


def _read_all(parameter: Parameter, name: str, texts: list[str]) -> list[Any]:
    if not parameter.many:
        _single(name, texts)
    if parameter.kind == "boolean":
        return [boolean(name, texts)]
    if parameter.kind == "integer":
        return [_integer(name, text) for text in texts]
    if parameter.kind == "time":
        return [iso(_time(name, text)) for text in texts]
    unknown = [text for text in texts if parameter.values and text not in parameter.values]
    if unknown:
        raise RefusedError(400, f"{unknown[0]!r} is no value of {name}")
    return texts


def _label(query: Query, row: List, name: str, texts: list[str], labels: Set[str]) -> None:
    label = name if name in labels else name.removesuffix("__c")
    if not row.labels or label not in labels:
        raise RefusedError(400, f"{name!r} is not understood")
    wanted = set(texts)
    query.predicates.append(lambda record: record.get("extraFields", {}).get(label) in wanted)


def _filter(
    query: Query, row: List, name: str, values: list[Any], category: Mapping[int, str]
) -> None:
    if name == "show_upcoming":
        query.show_upcoming = values[0]
        return
    wanted = set(values)
    if name in ("categories", "notCategories"):
        wanted = {category.get(int(text), text) if text.isdigit() else text for text in values}
    held = HELD[row.name, name.removeprefix("not").lower() if name.startswith("not") else name]
    if name.startswith("not"):
        query.predicates.append(lambda record: wanted.isdisjoint(held(record)))
    elif name in ("title", "name"):
        part = str(values[0]).casefold()
        query.predicates.append(lambda record: part in next(iter(held(record))).casefold())
    elif name in ("createdAfter", "createdBefore"):
        after, bound = name == "createdAfter", values[0]
        query.predicates.append(
            lambda record: record["createdAt"] >= bound if after else record["createdAt"] <= bound
        )
    else:
        query.predicates.append(lambda record: not wanted.isdisjoint(held(record)))


Held = Callable[[Record], list[Any]]


def _field(name: str) -> Held:
    return lambda record: [record.get(name)]


def _assigned(kind: str) -> Held:
    return lambda record: [
        assignee["id"] for assignee in record.get("assignees") or () if assignee["type"] == kind
    ]


def _family(record: Record) -> list[str]:
    if record.get("isParent"):
        return ["PARENT"]
    return ["SUB_WORK_ORDER" if record.get("parentId") else "STANDALONE"]


# The values of a record that each filter compares. A filter `notX` compares the same as `X`.
HELD: Mapping[tuple[str, str], Held] = {
    ("work_orders", "title"): _field("title"),
    ("work_orders", "assets"): _field("assetId"),
    ("work_orders", "locations"): _field("locationId"),
    ("work_orders", "parts"): lambda record: [part for part, _ in record.get("_parts", ())],
    ("work_orders", "vendors"): lambda record: record.get("vendorIds") or [],
    ("work_orders", "assignees"): _assigned("USER"),
    ("work_orders", "teams"): _assigned("TEAM"),
    ("work_orders", "categories"): lambda record: record.get("categories") or [],
    ("work_orders", "priorities"): _field("priority"),
    ("work_orders", "statuses"): _field("status"),
    ("work_orders", "partStatuses"): _field("partStatus"),
    ("work_orders", "parentSubWorkOrderTypes"): _family,
    ("assets", "locationId"): _field("locationId"),
    ("assets", "manufacturer"): _field("manufacturer"),
    ("assets", "model"): _field("model"),
    ("asset_statuses", "assetId"): _field("assetId"),
    ("asset_criticalities", "label"): _field("label"),
    ("asset_criticalities", "level"): _field("level"),
    ("locations", "name"): _field("name"),
    ("users", "onlyAssignable"): lambda record: (
        [True, False] if record["role"] != "REQUESTER" else [False]
    ),
    ("users", "email"): _field("email"),
    ("parts", "partNumber"): lambda record: [
        vendor["partNumber"] for vendor in record.get("vendors") or ()
    ],
    ("meters", "measurementType"): _field("measurementType"),
    ("meters", "assets"): _field("assetId"),
    ("meter_triggers", "meters"): _field("meterId"),
    ("work_requests", "title"): _field("title"),
    ("work_requests", "assets"): _field("assetId"),
    ("work_requests", "locations"): _field("locationId"),
    ("work_requests", "priorities"): _field("priority"),
    ("work_requests", "statuses"): _field("requestStatus"),
    ("part_transfer_requests", "statuses"): _field("status"),
    ("root_cause_analysis_reports", "assets"): lambda record: [
        record["mainAssetId"],
        *record["relatedAssetIds"],
    ],
    ("root_cause_analysis_reports", "statuses"): _field("status"),
    ("root_cause_analysis_reports", "creators"): _field("creatorId"),
    ("root_cause_analysis_reports", "archived"): lambda record: [record["archivedAt"] is not None],
    ("root_cause_analysis_reports", "createdAfter"): _field("createdAt"),
    ("root_cause_analysis_reports", "createdBefore"): _field("createdAt"),
}


def write_cursor(value: object) -> str:
    """An opaque cursor for the start of the next page."""
    text = json.dumps(value, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read_cursor(text: str) -> Any:
    """The value given to `write_cursor`. Raises RefusedError (400)."""
    try:
        value = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except ValueError:
        value = None
    if value is None:
        raise RefusedError(400, "Invalid cursor")
    return value
