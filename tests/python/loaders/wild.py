"""Records with wild values in every field of every list, drawn from a schema.

The schema is that of the published description where it is at hand, else that of the records of the
sandbox.
"""

import json
import random
from collections.abc import Callable
from typing import Any

from loaders.maintainx.catalogue import Resource
from sandbox import Sandbox
from tests.python.loaders.conftest import ROOT
from tests.python.loaders.hostile import BY_PATH

DESCRIPTION = ROOT.parent / "shared" / "maintainx-api" / "openapi-get.json"
RECORDS = 40
IDS = range(1, RECORDS + 1)
# A text with few values in the sandbox, all capitals, is one of a set.
LARGEST_SET = 12
TIMES = (
    "2026-03-01T00:00:00.000Z",
    "2026-03-01T10:00:00+02:00",
    "0001-01-01T00:00:00.000Z",
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59.999Z",
    "9999-12-31T23:59:59-14:00",
    "+275760-09-13T00:00:00.000Z",
    "-000001-01-01T00:00:00.000Z",
    "2026-03-01T00:00:00+99:00",
    "2026-02-30T00:00:00Z",
    "1969-12-31",
    "soon",
    "",
)
TEXTS = (
    "",
    "  ",
    "Pump \U0001f527",
    "Pump \ud83d",
    "\udc00",
    "a\u0000b",
    "\u202eright to left",
    "quote \" apostrophe ' back\\slash \t tab",
    "NaN",
    "1e999",
    "null",
    "[1, 2]",
    '{"a": 1}',
    "x" * 20_000,
    "٣",
    "=1+1",
    "..\\..\n../..",
)
INTEGERS = (0, 1, 2, -1, 2**31, 2**53 + 1, 2**63 - 1, -(2**63), 2**63, 10**30)
NUMBERS = (0, -0.0, 0.1, -1, 1e308, -1e308, 5e-324, 10**40, float("nan"), float("inf"))
ANYTHING: tuple[Any, ...] = (None, True, 0, -1.5, "text", [], {}, [None], {"id": None}, [[]])


class Drawing:
    """Draws values of a schema; one in thirty is of another type than it says."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def value(self, schema: dict[str, Any], name: str = "") -> Any:
        draw = self.random
        if draw.random() < 1 / 30:
            return draw.choice(ANYTHING)
        if schema.get("nullable") and draw.random() < 1 / 8:
            return None
        if one_of := schema.get("oneOf") or schema.get("anyOf"):
            return self.value(draw.choice(one_of), name)
        is_id = name == "id" or name.endswith("Id")
        is_time = schema.get("format") == "date-time" or name.endswith("At")
        drawn: dict[str | None, Callable[[], Any]] = {
            "object": lambda: self.record(schema),
            "array": lambda: [self.value(schema["items"]) for _ in range(draw.randrange(4))],
            "integer": lambda: draw.choice(INTEGERS if draw.random() < 1 / 2 else IDS),
            "number": lambda: draw.choice(IDS if is_id else NUMBERS),
            "boolean": lambda: draw.random() < 1 / 2,
            "string": lambda: draw.choice(TIMES if is_time else schema.get("enum", ()) or TEXTS),
        }
        return drawn.get(schema.get("type"), lambda: draw.choice(ANYTHING))()

    def record(self, schema: dict[str, Any]) -> dict[str, Any]:
        draw = self.random
        drawn = {
            key: self.value(inner, key)
            for key, inner in schema.get("properties", {}).items()
            if draw.random() < 9 / 10
        }
        others = schema.get("additionalProperties")
        if isinstance(others, dict):
            names = [*draw.sample(TEXTS, 2), f"field {draw.randrange(9)}"]
            drawn |= {name: self.value(others) for name in names}
        return drawn


def schema_of_values(values: list[Any]) -> dict[str, Any]:
    """A schema that these JSON values meet."""
    given = [value for value in values if value is not None]
    schema: dict[str, Any] = {"nullable": len(given) < len(values)}
    match given[0] if given else None:
        case dict():
            keys = dict.fromkeys(key for value in given for key in value)
            schema["type"] = "object"
            schema["properties"] = {
                key: schema_of_values([value.get(key) for value in given]) for key in keys
            }
        case list():
            schema["type"] = "array"
            schema["items"] = schema_of_values([item for value in given for item in value])
        case bool():
            schema["type"] = "boolean"
        case int():
            schema["type"] = "integer"
        case float():
            schema["type"] = "number"
        case str():
            schema["type"] = "string"
            texts = sorted(set(given))
            if len(texts) <= LARGEST_SET and all(text.isupper() for text in texts):
                schema["enum"] = texts
    return schema


def published(resource: Resource) -> dict[str, Any]:
    """The published schema of a record, as its own address gives it where there is one."""
    paths = json.loads(DESCRIPTION.read_text())["paths"]
    path = f"{resource.path}/{{id}}" if resource.record else resource.path
    if path.startswith("/customfields"):
        path = "/customfields/{entity}"
    answer = paths[path]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    if resource.record:
        found = answer["properties"][resource.record]
    elif resource.collection:
        found = answer["properties"][resource.collection]["items"]
    else:
        found = answer["items"]
    return dict(found)


def wild_records(seed: int, sandbox: Sandbox | None) -> dict[str, list[Any]]:
    """By path; ids 1 to RECORDS, and one beyond 2^63. Without a sandbox, of the description."""
    drawing = Drawing(seed)
    records: dict[str, list[Any]] = {}
    for path, resource in BY_PATH.items():
        schema = (
            published(resource)
            if sandbox is None
            else schema_of_values(
                [
                    record
                    for organization in sandbox.organization_ids
                    for record in (
                        sandbox.live(resource.name, organization)
                        if resource.detail_is_payload
                        else sandbox.listed(resource.name, organization, resource.expand)
                    )
                ]
            )
        )
        numbers = [7] if resource.name == "organizations" else [*IDS, 2**63]
        records[path] = [
            {**drawing.record(schema), "id": number, "organizationId": 7} for number in numbers
        ]
    return records
