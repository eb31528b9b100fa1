"""The warehouse can be made again: deleted or killed at any moment, it costs no history."""

import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import duckdb
import pytest

from loaders.commands.demo import log_moment
from loaders.errors import LoaderError
from loaders.warehouse.file import HELD_PATIENCE, paths_of, reading
from sandbox import Dataset, Sandbox, serve
from tests.python.conftest import Plant
from tests.python.loaders.conftest import RUNS_DBT, Loaders
from tests.support.contents import contents, unlike
from tests.support.dbt_in_process import ROOT, parsed

# A release is checked with 200.
KILLS = int(os.environ.get("DBT_BUILD_KILLS", "3"))
HISTORY = ("model_runs", "test_results", "reconciliation_results", "coverage_results")
# What a build says of itself differs from build to build.
OF_DATA = (
    "schema_name in ('marts', 'intermediate', 'staging', 'seeds')"
    " and table_name != 'mart_data_quality_daily'"
)

pytestmark = RUNS_DBT


@pytest.fixture(scope="module")
def plant(
    small_plant: Plant, tmp_path_factory: pytest.TempPathFactory, dataset: Dataset
) -> Iterator[Plant]:
    """A copy of the small plant."""
    folder = tmp_path_factory.mktemp("disposable")
    sandbox = Sandbox(dataset)
    with serve(sandbox) as url:
        yield Plant(Loaders(sandbox, url, small_plant.loaders.copied(folder)), folder)


def assert_equal_marts(one: Path, other: Path) -> None:
    assert len(contents(one, OF_DATA)) > 50
    assert unlike(one, other, OF_DATA) == []


def lost_history(former: Path, latter: Path) -> dict[str, int]:
    """Rows of results that `former` holds and `latter` does not, by table."""
    with duckdb.connect() as connection:
        connection.execute(f"attach '{former}' as former (read_only)")
        connection.execute(f"attach '{latter}' as latter (read_only)")
        return {
            table: connection.execute(
                f"select count(*) from (from former.quality.{table}"
                f" except all from latter.quality.{table})"
            ).fetchall()[0][0]
            for table in HISTORY
        }


@pytest.mark.slow
def test_a_deleted_warehouse_comes_back_with_its_history(plant: Plant, tmp_path: Path) -> None:
    loaders = plant.loaders
    former = loaders.copied(tmp_path)
    days = loaders.query("select count(*) from marts.mart_data_quality_daily")
    loaders.warehouse.unlink()
    picture = loaders.run("trust", expect=1).stdout
    assert "never built: run `make build`" in picture
    plant.build()
    assert_equal_marts(former, loaders.warehouse)
    assert lost_history(former, loaders.warehouse) == dict.fromkeys(HISTORY, 0)
    assert loaders.query("select count(*) from marts.mart_data_quality_daily") == days
    assert loaders.query("select count(distinct invocation_id) from quality.test_results") == [(2,)]
    loaders.run("trust")


def test_results_that_were_not_kept_are_kept_by_the_next_build(plant: Plant) -> None:
    """A build that is killed at its end has appended to the warehouse only."""
    loaders = plant.loaders
    results = paths_of(loaders.warehouse)["results"]
    held = loaders.query("select count(*) from quality.model_runs")
    results.unlink()
    assert plant.dbt("run", "--select", "dim_teams").success
    with duckdb.connect(str(results), read_only=True) as connection:
        kept = connection.execute("select count(*) from model_runs").fetchall()
    assert kept == loaders.query("select count(*) from quality.model_runs")
    assert kept[0][0] == held[0][0] + 1


def start_build(plant: Plant) -> subprocess.Popen[bytes]:
    results = str(plant.target / "run_results.json")
    return subprocess.Popen(
        [
            *(sys.executable, "-m", "loaders.run_dbt", results, "--quiet", "build"),
            *("--target", "ci"),
            *("--project-dir", str(ROOT), "--profiles-dir", str(ROOT)),
            *("--target-path", str(plant.target), "--log-path", str(plant.target)),
        ],
        env=plant.loaders.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


@pytest.mark.slow
@pytest.mark.xdist_group("kills")
def test_killed_builds_lose_no_raw_row_and_the_next_one_is_whole(
    plant: Plant, tmp_path: Path
) -> None:
    loaders = plant.loaders
    parsed(plant.target)
    # Not by a var: dbt would parse the project for every build.
    log_moment(loaders.warehouse, datetime.fromisoformat(loaders.sandbox.now))
    before = contents(loaders.raw)
    started = time.monotonic()
    assert start_build(plant).wait(timeout=600) == 0
    seconds = time.monotonic() - started
    former = loaders.copied(tmp_path)
    draw = random.Random(11)
    damaged = 0
    for number in range(KILLS):
        process = start_build(plant)
        time.sleep(draw.uniform(0.1, seconds))
        process.kill()
        process.wait()
        assert contents(loaders.raw) == before
        for name in ("warehouse", "results"):
            try:
                with reading(loaders.warehouse, name):
                    pass
            except LoaderError as error:
                # A checkpoint of the file was cut off.
                if "delete it and run `make build`" not in str(error):
                    raise
                damaged += 1
                paths_of(loaders.warehouse)[name].unlink()
        print(f"kill {number}: {damaged} damaged files so far", flush=True)
    loaders.run("build")
    assert_equal_marts(former, loaders.warehouse)
    assert lost_history(former, loaders.warehouse) == dict.fromkeys(HISTORY, 0)


HOLD = (
    "import duckdb, sys; held = [duckdb.connect(path, read_only=True) for path in sys.argv[1:]];"
    " print(flush=True); input()"
)


@contextmanager
def held(*paths: Path) -> Iterator[None]:
    """Another program reads the files."""
    command = [sys.executable, "-c", HOLD, *map(str, paths)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        yield
        process.kill()


@pytest.mark.parametrize(
    "command",
    [["status"], ["trust"], ["export", "csv", "dim_teams"], ["check", "teams"]],
    ids=lambda command: command[0],
)
def test_beside_a_reader_who_only_reads_does_not_wait(
    plant: Plant, tmp_path: Path, command: list[str]
) -> None:
    """A command that waited would take the patience that the loaders have, 30 seconds."""
    loaders = plant.loaders
    if command[0] == "export":
        command = [*command, "--out", str(tmp_path)]
    files = {path: path.read_bytes() for path in paths_of(loaders.warehouse).values()}
    with held(loaders.raw, loaders.warehouse):
        started = time.monotonic()
        loaders.run(*command)
        assert time.monotonic() - started < HELD_PATIENCE / 2
    assert {path: path.read_bytes() for path in files} == files
