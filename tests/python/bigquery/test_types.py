"""Check every model and test, compiled for BigQuery, with Google's own analyzer.

The emulator accepts SQL that BigQuery refuses; the analyzer refuses it. No server is needed.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

import pytest

from loaders.warehouse import upgrade
from loaders.warehouse.file import RawFile, reading
from tests.python.bigquery.analyzer import BigQuery, Columns, RefusedError, differing, type_of

ROOT = Path(__file__).resolve().parents[3]
COLUMNS = {"shift": "Shift", "line_name": 'Line "A"'}
# Every var is set, so that the SQL of each var is checked too.
VARS = {
    "as_of": "2026-06-30T12:00:00+02:00",
    "excluded_categories": ["Meeting", "it's \\ so"],
    "excluded_work_types": ["CYCLE_COUNT"],
    "custom_field_columns": COLUMNS,
    "reconciled_fields": {"title": "title", "due_at": "dueDate"},
}


@pytest.fixture(scope="module")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """dbt compile without a server."""
    folder = tmp_path_factory.mktemp("compile")
    process = subprocess.run(
        [
            str(Path(sys.executable).with_name("dbt")),
            "--no-use-colors",
            "compile",
            "--no-introspect",
            "--no-populate-cache",
            *("--target", "bigquery_emulator"),
            *("--target-path", str(folder)),
            *("--log-path", str(folder)),
            *("--vars", json.dumps(VARS)),
        ],
        cwd=ROOT,
        env={**os.environ, "MAINTAINX_BIGQUERY_ENDPOINT": "http://127.0.0.1:1"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert process.returncode == 0, process.stdout
    loaded: dict[str, Any] = json.loads((folder / "manifest.json").read_text())
    return loaded


@pytest.fixture(scope="module")
def raw(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Columns]:
    """Columns of the raw tables, as the loaders create them."""
    path = tmp_path_factory.mktemp("raw") / "warehouse.duckdb"
    upgrade.prepare(RawFile(path))
    with reading(path, "raw") as connection:
        rows = connection.execute(
            "select table_name, column_name, data_type from information_schema.columns"
            " where table_catalog = 'raw' order by ordinal_position"
        ).fetchall()
    tables: dict[str, Columns] = {}
    for table, column, kind in rows:
        tables.setdefault(table, {})[column] = type_of(kind)
    return tables


def in_order(manifest: dict[str, Any]) -> Iterator[list[dict[str, Any]]]:
    """Seeds, models and data tests in batches. No node depends on another node of its batch."""
    nodes = {
        key: node
        for key, node in manifest["nodes"].items()
        if node["resource_type"] in ("seed", "model", "test")
    }
    sorter = TopologicalSorter(
        {
            key: [parent for parent in node["depends_on"].get("nodes", []) if parent in nodes]
            for key, node in nodes.items()
        }
    )
    sorter.prepare()
    while sorter.is_active():
        batch = sorter.get_ready()
        yield [nodes[key] for key in batch]
        sorter.done(*batch)


def contract(node: dict[str, Any]) -> dict[str, str]:
    return {
        name: column["data_type"]
        for name, column in node["columns"].items()
        if column["data_type"] is not None
    }


def test_bigquery_takes_every_model_and_test(
    manifest: dict[str, Any], raw: dict[str, Columns]
) -> None:
    bigquery = BigQuery()
    for source in manifest["sources"].values():
        described = {name: type_of(kind) for name, kind in contract(source).items()}
        bigquery.add(source["relation_name"], raw.get(source["identifier"], described))
    refused: list[str] = []
    asked = 0
    for batch in in_order(manifest):
        tables: dict[str, Columns] = {}
        for node in batch:
            if node["resource_type"] == "seed":
                kinds = node["config"]["column_types"]
                tables[node["relation_name"]] = {name: type_of(kinds[name]) for name in kinds}
                continue
            if node["config"]["meta"].get("runs"):
                # tests/dbt/together: dbt compiles the tests that it runs by themselves.
                continue
            asked += 1
            try:
                columns = bigquery.columns(node["compiled_code"])
            except RefusedError as error:
                refused.append(f"{node['name']}: {error}")
                columns = {name: type_of(kind) for name, kind in contract(node).items()}
            else:
                refused += [
                    f"{node['name']}: {what}" for what in differing(columns, contract(node))
                ]
            if node["name"] == "fct_work_orders":
                columns |= {name: type_of("string") for name in COLUMNS}
            if node["resource_type"] == "model":
                tables[node["relation_name"]] = columns
        for name, columns in tables.items():
            bigquery.add(name, columns)
    assert not refused, "\n".join(refused)
    assert asked > 400


@pytest.mark.parametrize(
    ("sql", "reason"),
    [
        ("select count(*) filter (where true) as orders", "Syntax error"),
        ("select date_trunc('month', date '2026-01-01') as month", "date part"),
        ("select cast(1 as double) as hours", "double"),
        ("select json '1' = json '1' as same", "JSON"),
        ("select cast(json '1' as string) as payload", "JSON"),
        ("select 1::int64 as one", "Syntax"),
        ("select median(one) as half from unnest([1]) as one", "median"),
        ("select 1 as one, 2 as one", "two columns"),
        ("select 1", "no name"),
        ("select payload from (select json '1' as payload) group by payload", "JSON"),
        ("select timestamp '2026-01-01' > datetime '2026-01-01' as later", "DATETIME"),
    ],
)
def test_the_analyzer_refuses_what_bigquery_refuses(sql: str, reason: str) -> None:
    with pytest.raises(RefusedError, match=reason):
        BigQuery().columns(sql)
