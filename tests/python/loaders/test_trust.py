"""What builds leave behind, the mart that shows it, freshness, and `python -m loaders trust`."""

import json
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import pytest
from dbt.contracts.graph.nodes import GenericTestNode, ModelNode

from loaders.maintainx.catalogue import TABLES
from loaders.warehouse.file import paths_of
from sandbox import Dataset, Fault, Sandbox, serve
from tests.python.conftest import Plant
from tests.python.loaders.conftest import RUNS_DBT, Loaders
from tests.support.dbt_in_process import parsed

pytestmark = RUNS_DBT

HISTORY = ("model_runs", "test_results", "reconciliation_results", "coverage_results")
MART = "select * from marts.mart_data_quality_daily order by organization_id, as_of_on"
EACH_TEST = (
    "select node_id, status, severity, rows_failing, failing_rows_table, description, is_whole"
    " from quality.test_results where build_started_at ="
    " (select max(build_started_at) from quality.test_results) order by node_id"
)
ONE_BY_ONE = ("build", "--selector", "one_by_one", "--exclude-resource-type", "unit_test")
# The table of the node that ran the tests together.
TOGETHER = {("test_failures.warned_tests_of_marts",)}
LOG_TIMES = {"_runs": ("started_at", "ended_at"), "_run_resources": ("started_at", "ended_at")}


@pytest.fixture
def plant(small_plant: Plant, tmp_path: Path, dataset: Dataset) -> Iterator[Plant]:
    """A copy of the small plant, to do damage to, with the sandbox as it was."""
    path = small_plant.loaders.copied(tmp_path)
    sandbox = Sandbox(dataset)
    with serve(sandbox) as url:
        yield Plant(Loaders(sandbox, url, path), tmp_path)


def counts(plant: Plant) -> dict[str, int]:
    return {
        table: int(plant.loaders.query(f"select count(*) from quality.{table}")[0][0])
        for table in HISTORY
    }


def wrong(plant: Plant, expect: int = 1) -> str:
    """What trust finds wrong, in one text; holds its page against its JSON."""
    page = plant.loaders.run("trust", expect=expect).stdout
    picture = json.loads(plant.loaders.run("trust", "--json", expect=expect).stdout)
    assert bool(picture["wrong"]) == bool(expect)
    for line in page.splitlines():
        assert len(line) <= 80 or max(map(len, line.split())) > 60, line
    assert len(page.splitlines()) <= 50
    return " ".join(picture["wrong"])


def age(plant: Plant, hours: float, where: str = "true") -> None:
    """Let the run log be of so many hours ago."""
    with plant.loaders.writable() as connection:
        for table, names in LOG_TIMES.items():
            condition = where if table == "_run_resources" else "true"
            for name in names:
                connection.execute(
                    f"update raw.{table} set {name} = {name} - interval '{hours} hours'"
                    f" where {condition}"
                )


@pytest.mark.slow
def test_each_build_appends_its_results_and_the_mart_stays(plant: Plant) -> None:
    loaders = plant.loaders
    former = loaders.query(MART)
    before = counts(plant)
    together = plant.loaders.query(EACH_TEST)
    said = plant.dbt(*ONE_BY_ONE)
    assert plant.loaders.query(EACH_TEST) == together
    after = counts(plant)
    assert before["coverage_results"] == len(loaders.sandbox.organization_ids)
    assert after == {table: 2 * rows for table, rows in before.items()}
    kept = loaders.query(
        "select node_id, status, rows_failing, is_whole, command, as_of_at, ended_at >= started_at"
        " from quality.test_results where build_started_at ="
        " (select max(build_started_at) from quality.test_results)"
    )
    as_of = datetime.fromisoformat(loaders.sandbox.now).replace(tzinfo=None)
    assert {row[3:] for row in kept} == {(True, "build", as_of, True)}
    assert {row[:3] for row in kept} == {
        (one["unique_id"], one["status"], one["failures"])
        for one in said.nodes
        if one["unique_id"].split(".")[0] == "test"
    }
    assert len(kept) > 200
    explained = loaders.query(
        "select count(*) from quality.test_results where status = 'warn'"
        " and description like '%To resolve:%'"
    )
    warned = loaders.query("select count(*) from quality.test_results where status = 'warn'")
    assert explained == warned != [(0,)]
    assert loaders.query(MART) == former != []


def test_the_mart_counts_what_builds_found_and_what_orders_carry(plant: Plant) -> None:
    sandbox = plant.loaders.sandbox
    statuses = dict(
        plant.loaders.query(
            "select status, count(*) from quality.test_results where kind = 'test' group by status"
        )
    )
    assert set(statuses) == {"pass", "warn"}
    for organization in sandbox.organization_ids:
        held = sandbox.live("work_orders", organization)
        parents = {one["id"] for one in sandbox.listed("parent_work_orders", organization)}
        orders = [
            one
            for one in held
            if not one.get("deletedAt")
            and one.get("type") != "CYCLE_COUNT"
            and one["id"] not in parents
        ]
        zone = ZoneInfo(sandbox.live("organizations", organization)[0]["timeZone"])
        done = [one for one in orders if one["status"] == "DONE"]
        expected = (
            datetime.fromisoformat(sandbox.now).astimezone(zone).date(),
            len(orders),
            sum((one.get("assetId") or one.get("asset")) is not None for one in orders),
            sum(one.get("locationId") is not None for one in orders),
            sum(one.get("dueDate") is not None for one in orders),
            len(done),
            sum(
                any(
                    item["type"] == "TIME" and item["quantity"]
                    for item in one.get("timeItems") or []
                )
                for one in done
            ),
        )
        assert plant.loaders.query(
            "select as_of_on, work_orders, work_orders_with_asset,"
            " work_orders_with_location, work_orders_with_due_date,"
            " done_work_orders, done_work_orders_with_logged_time"
            f" from marts.mart_data_quality_daily where organization_id = {organization}"
        ) == [expected]
    # What is true of a whole build is counted once, however many organizations there are.
    assert plant.loaders.query(
        "select sum(tests), sum(tests_passed), sum(tests_warned), sum(tests_failed)"
        " from marts.mart_data_quality_daily"
    ) == [(sum(statuses.values()), statuses["pass"], statuses["warn"], 0)]
    shares = plant.loaders.query(
        "select asset_coverage = work_orders_with_asset / work_orders,"
        " logged_time_coverage = done_work_orders_with_logged_time / done_work_orders"
        " from marts.mart_data_quality_daily where work_orders is not null"
    )
    assert set(shares) == {(True, True)}


def test_the_mart_can_be_read_under_another_name(plant: Plant) -> None:
    rows = plant.loaders.query(MART)
    with duckdb.connect() as connection:
        connection.execute(f"attach '{plant.loaders.warehouse}' as elsewhere (read_only)")
        name = "elsewhere.marts.mart_data_quality_daily"
        assert len(connection.execute(f"select * from {name}").fetchall()) == len(rows)


@pytest.mark.slow
def test_only_what_ran_is_kept(plant: Plant) -> None:
    before, former = counts(plant), plant.loaders.query(MART)
    for command in (
        ["compile", "--select", "dim_teams"],
        ["source", "freshness", "--select", "source:maintainx._runs"],
        ["run", "--empty", "--select", "stg_maintainx__teams"],
        ["build", "--select", "nothing_is_called_so"],
    ):
        said = plant.dbt(*command)
        assert said.success, said.text
        assert counts(plant) == before, command
    assert plant.dbt("run", "--select", "dim_teams").success
    said = plant.dbt("test", "--select", "dim_vendors")
    assert said.success
    # The nodes that run many tests together have none to run beside single ones.
    nodes = [one for one in said.nodes if one["unique_id"].startswith("test.")]
    tests = [one for one in nodes if "_tests_" not in one["unique_id"]]
    assert 0 < len(tests) < len(nodes)
    assert counts(plant) == {
        **before,
        "model_runs": before["model_runs"] + 1,
        "test_results": before["test_results"] + len(tests),
    }
    assert plant.loaders.query("select count(*) from quality.model_runs where not is_whole") == [
        (1,)
    ]
    assert plant.loaders.query(MART) == former


def test_what_is_too_old_goes_and_quotes_stay(plant: Plant) -> None:
    results = paths_of(plant.loaders.warehouse)["results"]
    with plant.loaders.writable() as connection:
        connection.execute(f"attach '{results}' as results")
        for table in HISTORY:
            for place in ("quality", "results"):
                aged = f"update {place}.{table} set build_started_at = build_started_at - interval"
                connection.execute(f"{aged} '401 days'")
        connection.execute("alter table raw.users rename payload to gone")
    assert not plant.dbt("run", "--select", "stg_maintainx__users", "dim_teams").success
    assert counts(plant) == {**dict.fromkeys(HISTORY, 0), "model_runs": 2}
    with duckdb.connect(str(results), read_only=True) as connection:
        assert connection.execute("select count(*) from model_runs").fetchall() == [(2,)]
    ((status, message),) = plant.loaders.query(
        "select status, message from quality.model_runs where node_name like 'stg%'"
    )
    assert status == "error"
    assert """"VARCHAR"}') as record""" in message


def test_a_history_that_cannot_be_written_fails_the_build(plant: Plant) -> None:
    before = counts(plant)
    with plant.loaders.writable() as connection:
        connection.execute("alter table quality.coverage_results rename work_orders to orders")
    said = plant.dbt("run", "--select", "dq_coverage")
    assert not said.success
    assert "coverage_results" in said.text
    assert counts(plant) == before


def test_sources_warn_after_a_day_and_fail_after_three(
    plant: Plant, monkeypatch: pytest.MonkeyPatch
) -> None:
    def freshness() -> tuple[bool, dict[str, str]]:
        said = plant.dbt("source", "freshness")
        return said.success, {
            one["unique_id"].rsplit(".", 1)[1]: one["status"]
            for one in said.nodes
            if one["unique_id"].startswith("source.")
        }

    monkeypatch.setenv("TZ", "America/Los_Angeles")
    time.tzset()
    age(plant, 20)
    success, states = freshness()
    assert (success, set(states.values())) == (True, {"pass"})
    assert len(states) == len(TABLES) + 1
    organization = plant.loaders.sandbox.organization_ids[1]
    age(plant, 8, f"resource = 'teams' and organization_id = {organization}")
    success, states = freshness()
    assert success
    assert {name for name, state in states.items() if state == "warn"} == {"teams", "_runs"}
    age(plant, 46)
    success, states = freshness()
    assert not success
    assert {name for name, state in states.items() if state == "error"} == {"teams", "_runs"}
    assert set(states.values()) == {"warn", "error"}
    monkeypatch.undo()
    time.tzset()


def test_trust_is_content_with_what_is_well(plant: Plant) -> None:
    assert wrong(plant, expect=0) == ""
    page = plant.loaders.run("trust").stdout
    assert page.splitlines()[-1] == "No errors, 2 warnings."
    assert "warning         never reconciled: `python -m loaders reconcile`" in page
    ((tests, rows),) = plant.loaders.query(
        "select count(*), sum(rows_failing) from quality.test_results where status = 'warn'"
    )
    assert f"warning         {tests} tests warned, about {rows} rows;" in page
    worst = plant.loaders.query(
        "select node_name, rows_failing from quality.test_results where status = 'warn'"
        " order by rows_failing desc, node_name limit 1"
    )[0]
    assert f"warn {worst[0]}, {worst[1]:,} rows" in page


def test_tables_of_failing_rows_are_of_tests_that_do_not_pass(plant: Plant) -> None:
    tables = (
        "select table_schema || '.' || table_name from information_schema.tables"
        " where table_schema = 'test_failures'"
    )
    named = "select failing_rows_table from quality.test_results where status = 'warn'"
    failing = {row for row in plant.loaders.query(named) if row != (None,)}
    assert set(plant.loaders.query(tables)) == failing | TOGETHER
    assert ("test_failures.vendors_without_a_name",) in failing
    with plant.loaders.writable() as connection:
        connection.execute("update marts.dim_vendors set vendor_name = 'Vendor'")
    assert plant.dbt("test", "--select", "vendors_without_a_name").success
    failing -= {("test_failures.vendors_without_a_name",)}
    assert set(plant.loaders.query(tables)) == failing | TOGETHER


def test_every_check_is_in_the_findings_and_has_a_test(plant: Plant) -> None:
    nodes = parsed(plant.target).nodes.values()
    models = {node.name: node for node in nodes if isinstance(node, ModelNode)}
    findings = models["dq_findings"]
    checks = {
        name.removeprefix("check_"): model.unique_id
        for name, model in models.items()
        if model.original_file_path.startswith("models/quality/checks/")
    }
    tested = {
        node.name: node.config.where
        for node in nodes
        if isinstance(node, GenericTestNode)
        and findings.unique_id in node.depends_on.nodes
        and node.config.where is not None
    }
    assert checks
    assert set(findings.depends_on.nodes) == set(checks.values())
    assert tested == {name: f"check_name = '{name}'" for name in checks}


def test_trust_without_a_warehouse_or_a_build(loaders: Loaders, tmp_path: Path) -> None:
    assert "make extract" in loaders.run("trust", expect=2).stderr
    assert not loaders.warehouse.exists()
    loaders.extract("-q")
    assert "never built: run `make build`" in wrong(Plant(loaders, tmp_path))


def test_trust_names_a_list_that_could_not_be_read(plant: Plant) -> None:
    plant.loaders.sandbox.faults.append(Fault(where="/teams", status=400, times=None))
    plant.loaders.extract("teams", "parts", "-q", expect=1)
    assert "teams" in wrong(plant)
    plant.loaders.sandbox.faults.clear()
    plant.loaders.extract("teams", "-q")
    assert wrong(plant, expect=0) == ""


def test_trust_says_what_grew_old(plant: Plant) -> None:
    age(plant, 80, "resource = 'parts'")
    assert "nothing was extracted for three days" in wrong(plant)
    plant.loaders.extract("teams", "-q")
    text = wrong(plant)
    assert "parts: not read to its end for three days" in text
    assert "nothing was extracted" not in text
    assert "teams: " not in text
    plant.loaders.extract("parts", "-q")
    assert wrong(plant, expect=0) == ""
    with plant.loaders.writable() as connection:
        for table in ("model_runs", "test_results"):
            connection.execute(
                f"update quality.{table} set build_started_at = build_started_at - interval 4 day"
            )
    assert "not built for three days" in wrong(plant)


@pytest.mark.slow
def test_trust_says_what_a_build_could_not_do(plant: Plant) -> None:
    with plant.loaders.writable() as connection:
        connection.execute("insert into raw.teams select * from raw.teams limit 1")
    assert not plant.dbt("build").success
    wrong(plant)
    assert not plant.dbt(*ONE_BY_ONE).success
    failed = plant.loaders.query(
        "select node_name, rows_failing from quality.test_results where status = 'fail'"
    )
    assert ("rows_landed_twice", 1) in failed
    text = wrong(plant)
    assert "rows_landed_twice: the test found 1 row; see test_failures.rows_landed_twice" in text
    assert "models were not built" in text


def test_trust_tells_the_trend(plant: Plant) -> None:
    with plant.loaders.writable() as connection:
        for days in (3, 9, 20):
            connection.execute(
                "insert into quality.test_results select * replace"
                f" (invocation_id || '{days}' as invocation_id,"
                f" as_of_at - interval {days} day as as_of_at)"
                f" from quality.test_results where length(invocation_id) = 36 and"
                f" (status = 'pass' or node_name = 'orphans')"
            )
    picture = json.loads(plant.loaders.run("trust", "--json").stdout)
    moments = [datetime.fromisoformat(day["as_of_on"]) for day in picture["trend"]]
    assert [(moments[0] - moment).days for moment in moments] == [0, 9]
    assert picture["trend"][1]["tests"] == 1
    assert picture["trend"][0]["tests"] > 10


@pytest.mark.slow
def test_trust_and_the_history_know_of_a_reconciliation(plant: Plant) -> None:
    sandbox = plant.loaders.sandbox
    order = sandbox.listed("work_orders", sandbox.organization_ids[0])[0]["id"]
    sandbox.update("work_orders", order, touch=False, title="Changed behind our back")
    before = counts(plant)
    plant.loaders.run("reconcile", "-q", expect=1)
    assert "work_orders: 1 of " in wrong(plant)
    after = counts(plant)
    assert after["reconciliation_results"] > before["reconciliation_results"] == 0
    assert after["coverage_results"] == before["coverage_results"]
    plant.loaders.run("reconcile", "--mend", "-q")
    assert wrong(plant, expect=0) == ""
    assert "never reconciled" not in plant.loaders.run("trust").stdout
    found = plant.loaders.query(
        "select sum(mismatches) from quality.reconciliation_results"
        " group by build_started_at order by build_started_at"
    )
    assert [row[0] for row in found] == [1, 1, 0]
    assert plant.loaders.query(
        "select sum(mismatches), sum(reconciled_records) = sum(matches)"
        " from marts.mart_data_quality_daily where reconciled_records is not null"
    ) == [(0, True)]
