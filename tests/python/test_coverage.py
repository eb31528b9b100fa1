"""The comparison of the published description with the models: its rules, and its result."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.python.conftest import Plant
from tests.python.loaders.wild import DESCRIPTION
from tools.coverage.__main__ import PAGE, compared, page
from tools.coverage.description import Field, fields
from tools.coverage.lineage import Column, columns_of_models
from tools.coverage.table import Reason, mistakes, rows

TEXT: dict[str, Any] = {"type": "string"}
ASSET = {
    "type": "object",
    "properties": {
        "id": {"type": "integer"},
        "name": TEXT,
        "barcode": TEXT,
        "teamIds": {"type": "array", "items": {"type": "integer"}},
        "status": {"type": "object", "properties": {"label": TEXT}},
    },
}


def described(folder: Path, **more: Any) -> Path:
    """A description of one list, with the given fields more."""
    record = {**ASSET, "properties": {**ASSET["properties"], **more}}  # type: ignore[dict-item]
    answer = {"type": "object", "properties": {"assets": {"type": "array", "items": record}}}
    alone = {
        "type": "object",
        "properties": {"asset": {"type": "object", "properties": {"uuid": TEXT}}},
    }
    expand = {"name": "expand", "schema": {"items": {"enum": ["barcode", "secret"]}}}

    def get(schema: Any, *parameters: Any) -> Any:
        content = {"application/json": {"schema": schema}}
        return {"get": {"parameters": [*parameters], "responses": {"200": {"content": content}}}}

    path = folder / "description.json"
    paths = {"/assets": get(answer, expand), "/assets/{id}": get(alone)}
    path.write_text(json.dumps({"paths": paths}))
    return path


def test_raw_holds_what_the_list_sends_or_is_asked_for(tmp_path: Path) -> None:
    found = {each.path: each.tables for each in fields(described(tmp_path, secret=TEXT))}
    assert found == {
        "id": ("assets",),
        "name": ("assets",),
        "barcode": ("assets",),
        "teamIds": ("assets",),
        "status.label": ("assets",),
        "secret": (),
        "uuid": (),
    }


def lineage(folder: Path, **models: str) -> dict[str, dict[str, set[tuple[str, str]]]]:
    """Origins by model and column; each model may read those before it."""
    nodes = {
        f"model.p.{name}": {
            "name": name,
            "fqn": ["p", "marts", name],
            "relation_name": f'"w"."s"."{name}"',
            "compiled_code": sql,
            "depends_on": {"nodes": [f"model.p.{former}" for former in list(models)[:number]]},
        }
        for number, (name, sql) in enumerate(models.items())
    }
    sources = {"s": {"name": "assets", "relation_name": '"w"."raw"."assets"'}}
    path = folder / "manifest.json"
    path.write_text(json.dumps({"nodes": nodes, "sources": sources}))
    found: dict[str, dict[str, set[tuple[str, str]]]] = {}
    for column in columns_of_models(path):
        found.setdefault(column.model, {})[column.name] = set(column.origins)
    return found


def test_a_column_is_followed_to_the_payload(tmp_path: Path) -> None:
    found = lineage(
        tmp_path,
        staged="""
            with parsed as (
                select id, from_json(payload, '{"name":"VARCHAR"}') as record
                from "w"."raw"."assets" where _operation = 'upsert'
            )
            select id as asset_id, record.name, record.parts, record.seen as seen_at from parsed
        """,
        final="""
            with staged as (select * from "w"."s"."staged"),
            used as (
                select staged.asset_id, part.cost, position as place
                from (
                    select
                        *,
                        unnest(part_list) as part,
                        generate_subscripts(part_list, 1) as position
                    from (
                        select *, from_json(parts, '[{"cost":"BIGINT"}]') as part_list
                        from staged as staged
                    ) as staged
                ) as staged
            )
            select
                staged.*,
                case when used.cost > 1 then used.cost / 100 end as cost,
                row_number() over (order by staged.seen_at) as place,
                (select max(asset_id) from staged) as highest
            from staged left join used on staged.asset_id = used.asset_id
            union all
            select asset_id, null, null, null, null, null, null from staged
        """,
    )["final"]
    assert found == {
        "asset_id": {("assets", "id")},
        "name": {("assets", "name")},
        "parts": {("assets", "parts")},
        "seen_at": {("assets", "seen")},
        "cost": {("assets", "parts[].cost")},
        "place": set(),
        "highest": {("assets", "id")},
    }


STATUS = ("/assets", "status", "type")
UUID = ("/assets", "uuid", "raw")
NAME = Field("/assets", "name", ("assets",))
LABEL = Field("/assets", "status.label", ("assets",))
UNREAD = Field("/assets", "uuid", ())
COLUMNS = [
    Column("staging", "stg", "name", frozenset({("assets", "name")})),
    Column("marts", "mart", "both", frozenset({("assets", "name"), ("assets", "id")})),
    Column("marts", "dim", "asset_name", frozenset({("assets", "Name")})),
    Column("quality", "dq", "label", frozenset({("assets", "status.label")})),
]


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ([STATUS, UUID], []),
        ([UUID], ["/assets status.label: missing in type"]),
        (
            [STATUS, ("/assets", "uuid", "mart")],
            ["/assets uuid: is missing in raw, its reason says missing in mart"],
        ),
        (
            [STATUS, UUID, ("/assets", "name", "mart")],
            ["/assets name: is in dim.asset_name, its reason says missing in mart"],
        ),
        (
            [STATUS, UUID, ("/assets", "gone", "raw")],
            ["/assets gone: the reason covers no field"],
        ),
        ([("/assets", "status", "copy of /assets name"), UUID], [
            "/assets status.label: no copy, /assets name.label does not exist"
        ]),
        ([("/assets", "status.label", "copy of /assets name"), UUID], []),
    ],
)  # fmt: skip
def test_what_is_wrong_with_the_reasons(
    given: list[tuple[str, str, str]], found: list[str]
) -> None:
    reasons = [Reason(*each, "because") for each in given]
    table = rows([NAME, LABEL, UNREAD], COLUMNS, reasons)
    said = mistakes(table, reasons)
    assert len(said) == len(found)
    assert all(line.startswith(start) for line, start in zip(said, found, strict=True)), said


def test_the_column_of_fewest_fields_is_shown_whatever_the_order() -> None:
    columns = [*COLUMNS, Column("marts", "dim_asset", "name", COLUMNS[0].origins)]
    for given in (columns, columns[::-1]):
        (row,) = rows([NAME], given, [])
        assert (row.typed, row.mart) == ("stg.name", "dim.asset_name")


@pytest.mark.slow
@pytest.mark.xdist_group("small")
@pytest.mark.skipif(
    not DESCRIPTION.exists(), reason=f"the published description is not at {DESCRIPTION}"
)
def test_every_field_is_in_a_mart_or_has_a_reason(small_plant: Plant) -> None:
    layers = [f"path:models/{layer}" for layer in ("staging", "intermediate", "marts")]
    said = small_plant.dbt("compile", "--select", *layers)
    assert said.success, said.text
    table, found = compared(DESCRIPTION, small_plant.target / "manifest.json")
    assert not found, "\n".join(found)
    written = PAGE.read_text()
    assert "\n".join(page(table)) + "\n" == written, "run make coverage, and commit the page"
