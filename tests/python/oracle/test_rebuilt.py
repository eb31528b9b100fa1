"""A build of what is new gives the rows of a full build, whatever has happened since the last."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest
from dbt.contracts.graph.nodes import ModelNode

from sandbox import Sandbox, small
from tests.python.conftest import Plant
from tests.python.loaders.conftest import Loaders
from tests.support.contents import unlike
from tests.support.dbt_in_process import invoke, parsed

VERSIONS = "model.maintainx_warehouse.int_work_orders__versions"
COLUMNS = "macro.maintainx_warehouse.work_order_columns"
AFTER_ALL = "2027-06-30T06:00:00Z"
# The incremental models and what lies between them.
STARTS = ("stg_maintainx__work_orders", "stg_maintainx__work_order_versions")
BETWEEN = ("--select", *(f"{start}+,+config.materialized:incremental" for start in STARTS))
# Tables that do not tell of builds.
OF_DATA = (
    "schema_name != 'quality' and table_name not in ('mart_data_quality_daily', 'health_alerts')"
)

ADD = """
insert into raw.work_orders
select
    organization_id, {id}, {payload}, {updated_at}, '{operation}',
    md5(cast({payload} as varchar)), read_at, '{run}'
from (
    select
        organization_id,
        id,
        arg_max(payload, _extracted_at) filter (payload is not null) as payload,
        arg_max(_operation, _extracted_at) as newest_operation,
        row_number() over (order by organization_id, id) as place
    from raw.work_orders
    group by organization_id, id
), (select max(_extracted_at) + interval 1 hour as read_at from raw.work_orders)
where newest_operation = '{former}' and {which}
"""
AS_IT_WAS = {
    "id": "id",
    "payload": "payload",
    "updated_at": "read_at",
    "operation": "upsert",
    "former": "upsert",
}


def added(run: str, which: str, **differs: str) -> str:
    """A run that adds a row to the log for each record of `which`, as an extract does."""
    return ADD.format(run=run, which=which, **(AS_IT_WAS | differs))


def patched(json: str) -> str:
    return f"json_merge_patch(payload, '{json}')"


NEW_IN_RAW = {
    "updates": added(
        "first", "place % 20 = 0", payload=patched('{"status": "ON_HOLD", "title": "Changed"}')
    ),
    "updates of the same orders and of others": added(
        "second",
        "place % 20 in (0, 1)",
        payload=patched(
            '{"status": "DONE", "completedAt": "2026-06-20T08:00:00Z", "procedure": null}'
        ),
    ),
    "late arrivals": added(
        "late", "place % 30 = 3", id="id + 900000000", updated_at="timestamp '2020-01-01 00:00:00'"
    ),
    "deletions": added(
        "deleted", "place % 20 = 4", payload="null", updated_at="null", operation="delete"
    ),
    "restores": added("restored", "place % 40 = 4", former="delete"),
    "rows that were put right": "update raw.work_orders set payload = "
    + patched('{"title": "Put right"}')
    + " where id % 50 = 0 and payload is not null",
    "rows that are gone": "delete from raw.work_orders where _run_id in ('second', 'late')",
}


@dataclass
class Rebuilt:
    """A plant that is built again and again.

    start: the warehouse it was copied from, of a full build. full: a folder for others like it.
    """

    plant: Plant
    start: Path
    full: Path

    @property
    def incremental(self) -> list[str]:
        return [model.name for model in incremental_models(self.plant.target)]

    def change_raw(self, sql: str) -> None:
        with duckdb.connect() as connection:
            connection.execute(f"attach '{self.plant.loaders.raw}' as raw")
            connection.execute(sql)

    def run(self, *arguments: str, **variables: Any) -> None:
        """Run these models, or what the arguments say; `variables` are vars."""
        chosen = arguments or BETWEEN
        run(self.plant.loaders.warehouse, self.plant.target, *chosen, **variables)

    def tables(self) -> dict[str, tuple[str, str]]:
        """Each incremental model's table and its mark: a full build makes another one."""
        rows = self.plant.loaders.query(
            "select table_name, schema_name || '.' || table_name, column_default"
            " from duckdb_columns() where database_name = 'warehouse'"
            " and column_name = 'organization_id' and column_default is not null"
        )
        return {name: (table, mark) for name, table, mark in rows}

    def rebuilt(self, *arguments: str, **variables: Any) -> Path:
        """The warehouse after a full build of the same raw file."""
        for path in self.full.iterdir():
            path.unlink()
        other = self.plant.loaders.copied(self.full)
        chosen = arguments or BETWEEN
        run(other, self.plant.target, *chosen, "--full-refresh", **variables)
        return other

    def assert_like(self, other: Path) -> None:
        found = unlike(self.plant.loaders.warehouse, other, OF_DATA)
        assert not found, "\n".join(found)

    def assert_incremental(self, *arguments: str, **variables: Any) -> None:
        """Run the models; they insert what is new, and hold what a full build gives."""
        former = self.tables()
        self.run(*arguments, **variables)
        assert self.tables() == former, "a model was built in full"
        self.assert_like(self.rebuilt(*arguments, **variables))

    def assert_full(self, *names: str, like: Path | None = None, **variables: Any) -> None:
        """Run the models; those of `names` are built in full, and all are as after a full build:
        those of `like`, which is one of the same data and code, or of one made now."""
        former = self.tables()
        self.run(**variables)
        latter = self.tables()
        assert {name for name in latter if former.get(name) != latter[name]} >= set(names)
        self.assert_like(like or self.rebuilt(**variables))


def incremental_models(target: Path) -> list[ModelNode]:
    return [
        node
        for node in parsed(target).nodes.values()
        if isinstance(node, ModelNode) and node.config.materialized == "incremental"
    ]


def run(warehouse: Path, target: Path, *arguments: str, **variables: Any) -> None:
    given = {"as_of": AFTER_ALL, **variables}
    said = invoke(
        warehouse,
        *("run", "--no-write-json", *arguments, "--vars", str(given)),
        *("--target-path", str(target), "--log-path", str(target)),
        manifest=parsed(target),
    )
    assert said.success, said.text


@contextmanager
def edited(target: Path, unique_id: str, old: str, new: str) -> Iterator[None]:
    """A model or a macro, as dbt has read it, changed: to parse it again takes longer than all."""
    manifest = parsed(target)
    is_macro = unique_id.startswith("macro.")
    node: Any = (manifest.macros if is_macro else manifest.nodes)[unique_id]
    name = "macro_sql" if is_macro else "raw_code"
    former = getattr(node, name)
    assert former.count(old) == 1, f"{old!r} stands {former.count(old)} times in {unique_id}"
    setattr(node, name, former.replace(old, new))
    try:
        yield
    finally:
        setattr(node, name, former)


@pytest.fixture(scope="module")
def start(small_plant: Plant, tmp_path_factory: pytest.TempPathFactory) -> Plant:
    """A copy of the small plant with these models built in full."""
    folder = tmp_path_factory.mktemp("start")
    loaders = Loaders(Sandbox(small()), "", small_plant.loaders.copied(folder))
    plant = Plant(loaders, folder)
    run(loaders.warehouse, plant.target, *BETWEEN, "--full-refresh")
    return plant


@pytest.fixture
def rebuilt(start: Plant, tmp_path: Path) -> Rebuilt:
    full = tmp_path / "full"
    full.mkdir()
    loaders = Loaders(Sandbox(small()), "", start.loaders.copied(tmp_path))
    made = Rebuilt(Plant(loaders, tmp_path), start.loaders.warehouse, full)
    assert len(made.incremental) > 5
    return made


def test_the_stamps_of_a_model_cover_all_that_it_reads(rebuilt: Rebuilt) -> None:
    """What a stamp does not cover can change and leave rows as they were; seeds count as code."""
    for model in incremental_models(rebuilt.plant.target):
        (hook,) = model.config.pre_hook
        for parent in model.depends_on.nodes:
            kind, *_, name = parent.split(".")
            stands_for_it = "as_of()" if name == "stg_maintainx__runs" else f"'{name}'"
            assert kind == "seed" or stands_for_it in hook.sql, f"{model.name}: {name}"


@pytest.mark.slow
def test_one_percent_changed_inserts_one_percent(rebuilt: Rebuilt) -> None:
    loaders, models = rebuilt.plant.loaders, ("--select", *rebuilt.incremental)
    former = rebuilt.tables()
    assert former.keys() == set(rebuilt.incremental)
    held = {
        name: loaders.query(f"select coalesce(max(rowid), -1), count(*) from {table}")[0]
        for name, (table, _) in former.items()
    }
    rebuilt.change_raw(added("new", "place % 100 = 0", payload=patched('{"title": "New"}')))
    rebuilt.run(*models)
    assert rebuilt.tables() == former, "a model was built in full"
    for name, (table, _) in former.items():
        last, rows = held[name]
        ((new,),) = loaders.query(f"select count(*) from {table} where rowid > {last}")
        assert new <= 10 + rows // 25, f"{name}: {new} rows inserted, of {rows}"
    titles = "select count(*) > 0 from staging.stg_maintainx__work_orders where title = 'New'"
    assert loaders.query(titles) == [(True,)]


@pytest.mark.slow
def test_a_build_of_what_is_new_gives_the_rows_of_a_full_build(rebuilt: Rebuilt) -> None:
    for told, sql in NEW_IN_RAW.items():
        rebuilt.change_raw(sql)
        try:
            rebuilt.assert_incremental()
        except AssertionError as error:
            raise AssertionError(f"after {told}: {error}") from error
    # After nothing, all models.
    rebuilt.assert_incremental("--select", "resource_type:model")


@pytest.mark.slow
def test_time_moves_both_ways(rebuilt: Rebuilt) -> None:
    for moment in ("2026-06-30T06:00:00Z", "2026-03-01T06:00:00Z", "2026-07-20T06:00:00Z"):
        rebuilt.assert_incremental(as_of=moment)


@pytest.mark.slow
def test_what_was_built_in_part_is_caught_up(rebuilt: Rebuilt) -> None:
    """Each model takes what is new since its own last build, not since that of others."""
    rebuilt.change_raw(NEW_IN_RAW["updates"])
    rebuilt.run("--select", "stg_maintainx__work_order_versions")
    rebuilt.run("--select", "fct_work_order_status_changes", "fct_procedure_answers")
    rebuilt.change_raw(NEW_IN_RAW["deletions"])
    rebuilt.run("--select", "stg_maintainx__work_orders", "int_work_orders__versions")
    rebuilt.assert_incremental()


@pytest.mark.slow
def test_what_else_makes_the_rows_builds_in_full(rebuilt: Rebuilt) -> None:
    target, loaders, start = rebuilt.plant.target, rebuilt.plant.loaders, rebuilt.start
    rebuilt.assert_full(excluded_work_types=["REACTIVE"])
    rebuilt.assert_full(repeat_failure_days=5, custom_field_columns={"line": "Line"})
    rebuilt.assert_full(like=start)
    with edited(target, VERSIONS, "changes.changed_fields, ''", "changes.changed_fields, 'none'"):
        rebuilt.assert_full("int_work_orders__versions")
    rebuilt.assert_full("int_work_orders__versions", like=start)
    with edited(target, COLUMNS, "record.title,", "upper(record.title) as title,"):
        rebuilt.assert_full("stg_maintainx__work_orders", "stg_maintainx__work_order_versions")
    rebuilt.assert_full(
        "stg_maintainx__work_orders", "stg_maintainx__work_order_versions", like=start
    )
    with loaders.writable() as connection:
        connection.execute(
            "create or replace table marts.fct_work_order_days as"
            " from marts.fct_work_order_days where is_open"
        )
    rebuilt.assert_full("fct_work_order_days", like=start)
    with loaders.writable() as connection:
        connection.execute("update seeds.work_order_statuses set status = 'Changed ' || status")
    rebuilt.assert_full("fct_work_order_status_changes")


@pytest.mark.slow
def test_an_empty_build_is_healed_by_the_next(rebuilt: Rebuilt) -> None:
    rebuilt.run("--empty", *BETWEEN)
    held = "select count(*) from staging.stg_maintainx__work_orders"
    assert rebuilt.plant.loaders.query(held) == [(0,)]
    rebuilt.assert_full(*rebuilt.incremental, like=rebuilt.start)
    rebuilt.run("--empty", "--select", "int_work_orders__versions")
    rebuilt.assert_full("int_work_orders__versions", like=rebuilt.start)
