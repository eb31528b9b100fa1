"""Bytes that statements bill on BigQuery, against sums by hand."""

from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner

from loaders.errors import LoaderError
from tools.bigquery_cost import LEAST, MIB, Build, Tables, main, sizes

ROWS = 3 * MIB
WORK_ORDERS = "`p`.`maintainx_marts`.`fct_work_orders`"
ASSETS = "`p`.`maintainx_marts`.`dim_assets`"
OPEN = "`p`.`maintainx_marts`.`open_orders`"


@pytest.fixture(scope="module")
def tables() -> Tables:
    """Columns of 24, 6, 48 and 30 MiB in one table, a tiny second one, and a view of the first."""
    found = {
        "marts.fct_work_orders": {
            "work_order_id": 8 * ROWS,
            "status": 2 * ROWS,
            "cost": 16 * ROWS,
            "payload": 10 * ROWS,
        },
        "marts.dim_assets": {"asset_id": 80, "name": 90},
    }
    view = f"select work_order_id, status, cost from {WORK_ORDERS} where status = 'OPEN'"
    return Tables(found, {"marts.open_orders": view})


@pytest.mark.parametrize(
    ("sql", "billed"),
    [
        (f"select work_order_id from {WORK_ORDERS}", 24),
        (f"select status from {WORK_ORDERS}", 10),
        (f"select * from {WORK_ORDERS}", 108),
        (f"select count(*) as orders from {WORK_ORDERS}", 10),
        (f"select count(*) as orders from {WORK_ORDERS} where cost > 1", 48),
        (f"select name from {ASSETS}", 10),
        (f"select o.status, a.name from {WORK_ORDERS} as o cross join {ASSETS} as a", 20),
        (f"with o as (select * from {WORK_ORDERS}) select work_order_id from o", 24),
        (f"with o as (select * from {WORK_ORDERS}) select x.cost from o as x, o as y", 48),
        (
            f"select work_order_id from {WORK_ORDERS} union all select asset_id from {ASSETS}"
            f" union all select cast(cost as int64) from {WORK_ORDERS}",
            24 + 48 + 10,
        ),
        (f"select work_order_id from {OPEN}", 24 + 6),
        (
            f"select name from {ASSETS} as a where exists"
            f" (select 1 from {WORK_ORDERS} as o where o.work_order_id = a.asset_id)",
            24 + 10,
        ),
        (
            f"select e from {WORK_ORDERS} as o cross join unnest(json_query_array(o.payload)) as e",
            30,
        ),
        ("select 1 as one", 0),
    ],
)
def test_a_statement_bills_the_columns_that_it_reads(tables: Tables, sql: str, billed: int) -> None:
    assert tables.billed(tables.read_by(sql)) == billed * MIB


def test_values_have_the_sizes_of_bigquery() -> None:
    with duckdb.connect() as connection:
        connection.execute("attach ':memory:' as raw; attach ':memory:' as warehouse")
        connection.execute(
            "create schema warehouse.marts; create table raw.assets (id bigint, payload json);"
            "create table warehouse.marts.dim_assets ("
            " id bigint, name varchar, cost decimal(28, 8), hours double, is_open boolean,"
            " made_on date, made_at timestamp);"
            "insert into raw.assets values (1, '{\"a\": 1}'), (2, null);"
            "insert into warehouse.marts.dim_assets values (1, 'Größe', 1, 1, true, date"
            " '2026-01-01', timestamp '2026-01-01'), (2, null, null, null, null, null, null)"
        )
        assert sizes(connection) == {
            "raw.assets": {"id": 16, "payload": 8},
            "marts.dim_assets": {
                **{"id": 16, "name": 2 + 7, "cost": 16, "hours": 8, "is_open": 1},
                **{"made_on": 8, "made_at": 8},
            },
        }


def test_a_build_has_the_statements_of_its_nodes() -> None:
    def node(kind: str, name: str, sql: str, **more: object) -> dict[str, object]:
        return {
            **{"resource_type": kind, "unique_id": f"{kind}.{name}", "name": name},
            **{"compiled_code": sql, "relation_name": None, "fqn": ["p", "marts", name]},
            **{"config": {"materialized": "table", "meta": {}, "severity": "ERROR"}},
            **{"depends_on": {"nodes": ["model.dim_assets"]}},
            **more,
        }

    made = f"`p`.`maintainx_marts`.`{'dim_assets'}`"
    nodes = [
        node("model", "dim_assets", "select 1 as asset_id, 'a' as name", relation_name=made),
        node("operation", "append_history", ""),
        *(node("test", f"test_{number}", f"select name from {ASSETS}") for number in range(21)),
        node("test", "stored", f"select * from {ASSETS}", relation_name="`p`.`maintainx_t`.`s`"),
    ]
    build = Build(
        {"sources": {}, "nodes": {str(one["unique_id"]): one for one in nodes}},
        {"marts.dim_assets": {"asset_id": 8, "name": 9}},
    )
    assert build.models() == [("dim_assets", {})]
    assert build.hooks() == [("hooks", {"marts.dim_assets": {"asset_id", "name"}})]
    # Twenty tests ask in one statement; a last one counts the tests that found rows.
    assert [len(read) for _, read in build.together()] == [1, 1, 1]
    assert len(build.one_by_one()) == 21 + 2
    assert build.tables.billed(build.one_by_one()[-2][1]) == LEAST


def test_a_table_that_was_not_built_is_named(tables: Tables) -> None:
    with pytest.raises(LoaderError, match=r"no marts\.dim_teams: run `make build`"):
        tables.read_by("select name from `p`.`maintainx_marts`.`dim_teams`")


def test_without_a_warehouse_the_command_says_what_to_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAINTAINX_WAREHOUSE", str(tmp_path / "warehouse.duckdb"))
    said = CliRunner().invoke(main)
    assert said.exit_code == 1
    assert "run `make extract` first" in said.output
