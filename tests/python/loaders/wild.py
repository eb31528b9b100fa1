"""Records drawn from the published description, with wild values in every field of every list."""

import json
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from loaders.maintainx.catalogue import CATALOGUE, Resource
from sandbox import Sandbox
from tests.python.loaders.conftest import ROOT, Loaders
from tests.python.loaders.hostile import BY_PATH, Hostile, serving
from tests.python.loaders.test_hostile import Plant
from tests.support.dbt_in_process import as_of, invoke, parsed

DESCRIPTION = ROOT.parent / "shared" / "maintainx-api" / "openapi-get.json"
RECORDS = 40
IDS = range(1, RECORDS + 1)
SEED = 13
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


def schema_of(resource: Resource) -> dict[str, Any]:
    """The schema of a record of a list, as its own address gives it where there is one."""
    if not DESCRIPTION.exists():
        pytest.skip(f"the published description is not at {DESCRIPTION}")
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


def wild_records(seed: int) -> dict[str, list[Any]]:
    """By path; ids 1 to RECORDS, and one beyond 2^63."""
    drawing = Drawing(seed)
    records: dict[str, list[Any]] = {}
    for path, resource in BY_PATH.items():
        schema = schema_of(resource)
        numbers = [7] if resource.name == "organizations" else [*IDS, 2**63]
        records[path] = [
            {**drawing.record(schema), "id": number, "organizationId": 7} for number in numbers
        ]
    return records


@pytest.fixture
def plant(sandbox: Sandbox, tmp_path: Path) -> Iterator[Plant]:
    hostile = Hostile()
    with serving(hostile) as url:
        yield Plant(hostile, Loaders(sandbox, url, tmp_path / "warehouse.duckdb"))


@pytest.mark.xdist_group("runs_dbt")
def test_wild_values_in_every_field_load_and_build(plant: Plant) -> None:
    for seed in (SEED, SEED + 1):
        plant.hostile.records = wild_records(seed)
        said = plant.run("extract", "--sweep", "--labour-interval", "0s", expect=1)
        assert "partial" in said.output
        for name in CATALOGUE:
            if name == "parent_work_orders":
                continue
            ids = [7] if name == "organizations" else [*IDS]
            assert plant.ids(name) == ids, (name, said.output)
    states = plant.loaders.query("select distinct state from raw._run_resources")
    assert states == [("done",)]
    target = plant.loaders.warehouse.parent.parent / "dbt"
    built = invoke(
        plant.loaders.warehouse,
        *("build", "--exclude-resource-type", "unit_test"),
        *("--target-path", str(target), "--log-path", str(target)),
        *as_of("2026-06-30T06:00:00Z"),
        manifest=parsed(target),
    )
    errors = [
        f"{node['unique_id']}: {node['message']}"
        for node in built.nodes
        if node["status"] == "error"
    ]
    # A model is skipped only where a test before it found what the test is there to find.
    assert not errors, "\n".join(errors)
    alerts = plant.run("trust", expect=1).output
    assert "rejected" in alerts
