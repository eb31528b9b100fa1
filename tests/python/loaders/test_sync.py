"""`python -m loaders sync`: signals at any moment, and one cycle for schedulers."""

import json
import os
import random
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest

from loaders import last_build
from loaders.warehouse import run_log
from loaders.warehouse.file import RawFile, now, paths_of, reading
from sandbox import Dataset, Sandbox, serve
from tests.python.conftest import Plant
from tests.python.loaders.conftest import RUNS_DBT, Loaders, differences, doubled_rows

# A release is checked with 50, as docs/decisions.md says.
SIGNALS = int(os.environ.get("SYNC_SIGNALS", "3"))
ENDED_WITHIN = 15

pytestmark = RUNS_DBT


@pytest.fixture
def loaders(small_plant: Plant, tmp_path: Path, dataset: Dataset) -> Iterator[Loaders]:
    """A copy of the small plant."""
    sandbox = Sandbox(dataset)
    with serve(sandbox) as url:
        yield Loaders(sandbox, url, small_plant.loaders.copied(tmp_path))


@pytest.mark.slow
@pytest.mark.xdist_group("signals")
def test_a_signal_at_any_moment_of_sync_ends_it_soon_and_loses_nothing(
    loaders: Loaders, tmp_path: Path
) -> None:
    sandbox = loaders.sandbox
    numbers = [order["id"] for order in sandbox.listed("work_orders", sandbox.organization_ids[0])]
    started = time.monotonic()
    loaders.run("sync", "--once", "-q")
    seconds = time.monotonic() - started
    draw = random.Random(13)
    log = tmp_path / "sync.log"
    longest, rows, states = 0.0, loaders.rows("work_orders"), set()
    for turn in range(SIGNALS):
        sandbox.update("work_orders", draw.choice(numbers), title=f"Title {turn}")
        with log.open("w") as out:
            process = loaders.start("sync", "--every", "1s", out=out)
            # More of them early: the extract takes a second, the build a minute.
            time.sleep(seconds * draw.random() ** 2)
            process.send_signal(signal.SIGTERM)
            sent = time.monotonic()
            code = process.wait(timeout=ENDED_WITHIN)
        took = time.monotonic() - sent
        longest = max(longest, took)
        text = log.read_text()
        # Before the command can catch a signal, it ends by it.
        assert code in (0, -signal.SIGTERM), text
        assert "Traceback" not in text
        for name, path in paths_of(loaders.warehouse).items():
            if path.exists():
                with reading(loaders.warehouse, name, patience=1):
                    pass
        rows, former = loaders.rows("work_orders"), rows
        assert rows >= former
        states |= set(loaders.query("select distinct state from raw._runs"))
        print(f"{turn}: ended {took:.1f} s after the signal with {code}", flush=True)
    print(f"{SIGNALS} signals, the longest end took {longest:.1f} s, runs were {states}")
    loaders.run("sync", "--once", "-q")
    assert differences(loaders) == {}
    assert doubled_rows(loaders) == []
    loaders.run("trust")


@pytest.mark.slow
def test_a_signal_while_reconcile_runs_dbt_ends_both(loaders: Loaders, tmp_path: Path) -> None:
    log = tmp_path / "reconcile.log"
    with log.open("w") as out:
        process = loaders.start("reconcile", out=out)
        while not (started := children(process.pid)):
            assert process.poll() is None, log.read_text()
            time.sleep(0.1)
        time.sleep(1)
        process.send_signal(signal.SIGTERM)
        code = process.wait(timeout=ENDED_WITHIN)
    text = log.read_text()
    assert code == 1, text
    assert "stopped before dbt had ended" in text.splitlines()[-1]
    assert "Traceback" not in text
    for number in started:
        with pytest.raises(ProcessLookupError):
            os.kill(number, 0)


def children(number: int) -> list[int]:
    found = subprocess.run(
        ["pgrep", "-P", str(number)], capture_output=True, text=True, check=False
    ).stdout
    return [int(line) for line in found.splitlines()]


@pytest.mark.slow
def test_one_cycle_builds_and_publishes_what_was_loaded_though_a_list_failed(
    loaders: Loaders,
) -> None:
    sandbox = loaders.sandbox
    sandbox.forbidden = {"parts"}
    number = sandbox.listed("work_orders", sandbox.organization_ids[0])[0]["id"]
    sandbox.update("work_orders", number, title="Changed since")
    process = loaders.run("sync", "--once", expect=1)
    assert "parts: could be read before" in process.stderr
    for told in (
        r"extract partial: \d+ requests in \d+ s",
        r"build done: \d\d+ models and \d+ seeds built; \d\d+ tests passed, \d+ warned, 0 failed"
        r" in \d+ s",
        r"publish done: \d\d+ marts to \S+/marts\.duckdb in \d+ s",
    ):
        assert re.search(rf"^\d\d:\d\d:\d\d {told}$", process.stderr, re.MULTILINE), told
    with duckdb.connect(str(loaders.warehouse.with_name("marts.duckdb"))) as connection:
        titles = connection.execute(
            f"select title from fct_work_orders where work_order_id = {number}"
        ).fetchall()
    assert titles == [("Changed since",)]
    assert loaders.warehouse.with_name("dashboard.html").exists()


# A cycle without news


@pytest.fixture
def noted(loaders: Loaders, monkeypatch: pytest.MonkeyPatch) -> Loaders:
    """A warehouse whose last build is noted, as `build` and `sync` do."""
    for name, text in loaders.environment_of("sync").items():
        monkeypatch.setenv(name, text)
    begun = last_build.start()
    loaders.run("publish")
    last_build.keep(loaders.warehouse, begun)
    return loaders


@pytest.mark.slow
def test_a_cycle_without_news_builds_nothing(noted: Loaders) -> None:
    copy = noted.warehouse.with_name("marts.duckdb")
    published = copy.stat().st_mtime_ns
    not_built = r"nothing new since the build of \d\d:\d\d:\d\d UTC: not built"
    assert re.search(not_built, noted.run("sync", "--once").stderr)
    assert copy.stat().st_mtime_ns == published
    number = noted.sandbox.listed("work_orders", noted.sandbox.organization_ids[0])[0]["id"]
    noted.sandbox.update("work_orders", number, title="Changed since")
    assert "build done" in noted.run("sync", "--once").stderr
    assert copy.stat().st_mtime_ns > published
    assert re.search(not_built, noted.run("sync", "--once").stderr)


HOUR = timedelta(hours=1)


def renoted(loaders: Loaders, **changes: str) -> None:
    path = loaders.warehouse.with_name(f"{loaders.warehouse.name}.built")
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


def change_a_record(loaders: Loaders) -> None:
    number = loaders.sandbox.listed("teams", loaders.sandbox.organization_ids[0])[0]["id"]
    loaders.sandbox.update("teams", number, name="Changed since")
    loaders.extract("teams", "-q")


def forbid_a_list(loaders: Loaders) -> None:
    loaders.sandbox.forbidden = {"teams"}
    loaders.extract("teams", "-q", expect=1)


def begin_a_run(loaders: Loaders) -> None:
    run_log.begin_run(RawFile(loaders.warehouse), "killed", "extract")


def touch_the_warehouse(loaders: Loaders) -> None:
    os.utime(loaders.warehouse)


def die_while_writing(loaders: Loaders) -> None:
    dies = (
        "import duckdb, os, sys; connection = duckdb.connect(sys.argv[1]);"
        " connection.execute('create table x (y int)'); os._exit(1)"
    )
    program = [sys.executable, "-c", dies, str(loaders.warehouse)]
    assert subprocess.run(program, check=False).returncode == 1


def remove_the_copy(loaders: Loaders) -> None:
    loaders.warehouse.with_name("marts.duckdb").unlink()


def remove_the_warehouse(loaders: Loaders) -> None:
    loaders.warehouse.unlink()


def cut_the_note_off(loaders: Loaders) -> None:
    loaders.warehouse.with_name(f"{loaders.warehouse.name}.built").write_text("{")


def let_a_day_begin(loaders: Loaders) -> None:
    """The build, and before it the extracts, were a day ago."""
    with duckdb.connect(str(loaders.raw)) as connection:
        for table in ("_runs", "_run_resources"):
            connection.execute(f"update {table} set ended_at = ended_at - interval 2 days")
    renoted(loaders, at=(now() - timedelta(hours=25)).isoformat())


def turn_the_clock_back(loaders: Loaders) -> None:
    renoted(loaders, at=(now() + HOUR).isoformat())


def set_a_variable(_loaders: Loaders) -> None:
    os.environ["DBT_TARGET"] = "other"


NEWS = [
    *(change_a_record, forbid_a_list, begin_a_run, touch_the_warehouse, remove_the_copy),
    *(remove_the_warehouse, cut_the_note_off, let_a_day_begin, turn_the_clock_back),
    *(set_a_variable, die_while_writing),
]


@pytest.mark.parametrize("news", NEWS)
def test_what_a_cycle_takes_for_news(
    noted: Loaders, news: Callable[[Loaders], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    # What `news` sets is undone after the test.
    monkeypatch.setenv("DBT_TARGET", "dev")
    monkeypatch.delenv("DBT_TARGET")
    noted.extract("teams", "-q")
    long = timedelta(days=2)
    assert last_build.still_holds(noted.warehouse, long)
    assert last_build.still_holds(noted.warehouse, timedelta()) is None
    news(noted)
    assert last_build.still_holds(noted.warehouse, long) is None


def test_a_changed_file_of_the_project_is_news(tmp_path: Path) -> None:
    model = tmp_path / "models" / "one.sql"
    model.parent.mkdir()
    found = {last_build._project(tmp_path)}
    model.write_text("select 1")
    found.add(last_build._project(tmp_path))
    model.write_text("select 2")
    found.add(last_build._project(tmp_path))
    model.rename(model.with_name("two.sql"))
    found.add(last_build._project(tmp_path))
    (tmp_path / "dbt_project.yml").write_text("vars: {}")
    found.add(last_build._project(tmp_path))
    assert len(found) == 5
