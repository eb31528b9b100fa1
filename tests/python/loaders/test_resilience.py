"""Killed, cut off, throttled, locked out, out of disk: nothing is lost and the message helps."""

import itertools
import json
import os
import random
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pytest

from loaders.errors import StoppedError, WarehouseHeldError
from loaders.export.publish import publish
from loaders.maintainx.catalogue import CATALOGUE
from loaders.warehouse import lock, upgrade
from loaders.warehouse.file import RawFile, reading
from sandbox import Fault, Kind, Quota, Sandbox, build, serve
from sandbox.api.state import Request
from tests.python.loaders.conftest import (
    RUNS_DBT,
    Loaders,
    differences,
    doubled_rows,
    warehouse_state,
)

# A release is checked with 50.
KILLS = int(os.environ.get("EXTRACT_KILLS", "20"))
WORKERS = 4


@pytest.mark.slow
def test_killed_at_many_points_and_run_again(loaders: Loaders, tmp_path: Path) -> None:
    """SIGKILL between seeded requests; each resumed run repeats at most the pages in flight."""
    sandbox = Sandbox(build(2000))
    draw = random.Random(20)
    answers = itertools.count(1)
    process: list[subprocess.Popen[str]] = []
    fatal: set[int] = set()

    def kill(_request: Request) -> None:
        if next(answers) in fatal:
            process[0].kill()

    with serve(sandbox) as url:
        undisturbed = Loaders(sandbox, url, tmp_path / "undisturbed.duckdb")
        undisturbed.extract()
        needed = len(sandbox.requests)
        killed = Loaders(sandbox, url, loaders.warehouse)
        sandbox.before_answer = kill
        kills = 0
        sandbox.requests.clear()
        while kills < KILLS:
            answers = itertools.count(1)
            fatal = {draw.randint(1, 12)}
            process[:] = [killed.start("extract", "-q", "--full")]
            out, err = process[0].communicate(timeout=120)
            assert process[0].returncode in (0, -signal.SIGKILL), out + err
            kills += process[0].returncode == -signal.SIGKILL
        fatal = set()
        killed.extract()
        repeated = len(sandbox.requests) - needed
        assert warehouse_state(killed) == warehouse_state(undisturbed)
        assert differences(killed) == {}
        assert doubled_rows(killed) == []
        assert repeated > 0


def test_a_resumed_walk_asks_only_for_what_is_missing(loaders: Loaders) -> None:
    sandbox = Sandbox(build(4000))
    process: list[subprocess.Popen[str]] = []

    def kill(request: Request) -> None:
        if request.path == "/workorders" and len(sandbox.requests) == 15:
            process[0].kill()

    with serve(sandbox) as url:
        killed = Loaders(sandbox, url, loaders.warehouse)
        sandbox.before_answer = kill
        process.append(killed.start("extract", "-q", "work_orders"))
        process[0].communicate(timeout=60)
        assert process[0].returncode == -signal.SIGKILL
        sandbox.before_answer = None
        first = [request.target for request in sandbox.requests if request.status == 200]
        so_far = len(sandbox.requests)
        killed.extract("work_orders")
        again = [request.target for request in sandbox.requests[so_far:]]
        repeated = [target for target in again if target in first and "/workorders" in target]
        assert len(repeated) <= WORKERS
        assert len(again) < so_far
        assert differences(killed, "work_orders") == {}


@pytest.mark.sampled
@pytest.mark.parametrize(
    "fault",
    [
        Fault(
            status=429, times=5, body='{"error": "Too many requests. Please retry in 1 seconds"}'
        ),
        Fault(status=500, times=3),
        Fault(status=502, times=3, body="<html>bad gateway</html>"),
        Fault(Kind.RESET, times=3),
        Fault(Kind.HANG, times=2, seconds=3),
        Fault(Kind.TRUNCATE, times=3),
        Fault(Kind.HTML, times=3),
        Fault(Kind.EMPTY, times=3),
        Fault(Kind.TRUNCATE, probability=0.2, times=None, seed=3),
    ],
    ids=lambda fault: f"{fault.kind}-{fault.status}-{fault.times}",
)
def test_a_passing_fault_costs_a_retry_and_nothing_else(loaders: Loaders, fault: Fault) -> None:
    # One list of each way of walking, but all where only some requests are struck.
    lists = ("work_orders", "asset_statuses", "purchase_orders", "teams") if fault.times else ()
    loaders.sandbox.faults.append(fault)
    loaders.extract(*lists, "--timeout", "1s")
    assert fault.struck > 0
    assert differences(loaders, *(lists or CATALOGUE)) == {}


@pytest.mark.sampled
@pytest.mark.parametrize(
    ("fault", "says"),
    [
        (Fault(where="/teams", status=500, times=None), "returned HTTP 500"),
        (Fault(Kind.HTML, where="/teams", times=None), "check MAINTAINX_BASE_URL"),
        (Fault(Kind.TRUNCATE, where="/teams", times=None), "run the command again"),
        (Fault(where="/teams", status=401, times=None), "refused the key"),
        (Fault(where="/teams", status=400, times=None), "refused the query"),
        (Fault(where="/teams", status=404, times=None), "was not found"),
        (
            Fault(where="/teams", status=429, times=None, headers={"Retry-After": "0"}),
            "rate limit",
        ),
    ],
    ids=lambda value: f"{value.kind}-{value.status}" if isinstance(value, Fault) else "",
)
def test_a_lasting_fault_fails_one_list_and_leaves_the_others(
    loaders: Loaders, fault: Fault, says: str
) -> None:
    loaders.sandbox.faults.append(fault)
    process = loaders.extract("teams", "users", "categories", "--timeout", "2s", expect=1)
    line = next(line for line in process.stdout.splitlines() if line.startswith("teams"))
    assert says in line
    assert "Traceback" not in process.stderr
    assert set(differences(loaders, "teams", "users", "categories")) == {
        ("teams", organization) for organization in loaders.sandbox.organization_ids
    }
    assert loaders.query("select state, error is null from raw._runs") == [("partial", False)]
    loaders.sandbox.faults.clear()
    loaders.extract("teams")
    assert differences(loaders, "teams") == {}


def test_the_watermark_of_a_failed_list_stays(loaders: Loaders) -> None:
    sandbox = loaders.sandbox
    loaders.extract("assets")
    number = sandbox.live("assets", sandbox.organization_ids[0])[0]["id"]
    sandbox.update("assets", number, name="renamed")
    sandbox.faults.append(Fault(where="/assets", status=400, times=None))
    loaders.extract("assets", expect=1)
    sandbox.faults.clear()
    loaders.extract("assets")
    assert differences(loaders, "assets") == {}


def test_no_deletion_from_a_listing_that_was_cut_short(loaders: Loaders) -> None:
    sandbox = Sandbox(build(20_000))
    with serve(sandbox) as url:
        cut = Loaders(sandbox, url, loaders.warehouse)
        cut.extract("work_requests")
        rows = cut.rows("work_requests")
        assert rows > 250
        sandbox.faults.append(Fault(where="cursor=", status=500, times=None))
        cut.extract("work_requests", "--timeout", "1s", expect=1)
        assert cut.rows("work_requests") == rows


def test_a_refused_cursor_is_read_anew(loaders: Loaders) -> None:
    sandbox = Sandbox(build(20_000))
    with serve(sandbox) as url:
        source = Loaders(sandbox, url, loaders.warehouse)
        fault = Fault(
            where=r"/workrequests\?.*cursor=", status=400, body='{"error": "Invalid cursor"}'
        )
        sandbox.faults.append(fault)
        source.extract("work_requests")
        assert fault.struck == 1
        assert differences(source, "work_requests") == {}


@pytest.mark.slow
def test_the_quota_is_used_but_not_overrun(loaders: Loaders) -> None:
    """90 pages at 25 a window, of which a fifth is left to others."""
    window = 3.0
    sandbox = Sandbox(build(18_000), quota=Quota(25, window))
    with serve(sandbox) as url:
        source = Loaders(sandbox, url, loaders.warehouse)
        said = source.extract("work_orders", "-v")
    assert len(sandbox.requests) >= 90
    assert [request.status for request in sandbox.requests].count(429) <= 2
    times = [request.time for request in sandbox.requests]
    busiest = max(sum(0 <= other - one < window - 1 for other in times) for one in times)
    assert busiest <= 25
    # Each of two walks waits only when the share of a window is used.
    waits = said.stderr.count("rate limit reached")
    assert 1 <= waits <= 2 * len(sandbox.requests) / 19, said.stderr


@pytest.mark.slow
def test_a_quota_without_headers_is_kept_to_after_the_first_refusal(loaders: Loaders) -> None:
    sandbox = Sandbox(build(6000), quota=Quota(25, 2.0, headers=False, retry_after=False))
    with serve(sandbox) as url:
        source = Loaders(sandbox, url, loaders.warehouse)
        source.extract("work_orders", "--workers", "1")
        assert differences(source, "work_orders") == {}
        assert [one.status for one in sandbox.requests].count(429) <= 3


def test_a_second_run_says_who_holds_the_warehouse_and_ends_with_3(loaders: Loaders) -> None:
    loaders.sandbox.faults.append(Fault(Kind.SLOW, where="/teams", seconds=30))
    first = loaders.start("extract", "teams")
    deadline = time.monotonic() + 60
    while not any(one.path == "/teams" for one in loaders.sandbox.requests):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    second = loaders.extract("teams", expect=3)
    assert f"process {first.pid}" in second.stderr
    assert "since 20" in second.stderr
    first.kill()
    first.communicate()
    loaders.extract("teams")
    assert differences(loaders, "teams") == {}
    states = loaders.query("select state, error from raw._runs order by started_at")
    assert states == [("failed", "the process died before its end"), ("done", None)]


HOLD = (
    "import duckdb, sys, time; path, seconds, is_reader = sys.argv[1:];"
    " held = duckdb.connect(path, read_only=is_reader == 'True');"
    " print('open', flush=True); time.sleep(float(seconds))"
)


@contextmanager
def held(path: Path, seconds: float = 60, is_reader: bool = True) -> Iterator[int]:
    """Another program has the file open for some seconds; gives its process id."""
    arguments = (str(path), str(seconds), str(is_reader))
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, *arguments], stdout=subprocess.PIPE, text=True
    )
    with holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "open\n"
        yield holder.pid
        holder.kill()


@pytest.mark.slow
def test_a_warehouse_open_elsewhere_is_waited_for_then_named(loaders: Loaders) -> None:
    loaders.extract("teams")
    with held(loaders.raw, seconds=6):
        waited = loaders.extract("teams")
    assert "is open in another program; waiting" in waited.stderr
    with held(loaders.raw) as number:
        refused = loaders.extract("teams", expect=3)
    assert f", process {number}); close it there" in refused.stderr
    assert "Traceback" not in refused.stderr


@pytest.mark.parametrize(("command", "is_reader"), [("extract", True), ("build", False)])
def test_sigterm_ends_the_wait_for_a_file_open_elsewhere(
    loaders: Loaders, command: str, is_reader: bool
) -> None:
    upgrade.prepare(RawFile(loaders.warehouse))
    with held(loaders.raw, is_reader=is_reader):
        process = loaders.start(command)
        assert process.stderr is not None
        assert "is open in another program; waiting up to 30 s" in process.stderr.readline()
        process.send_signal(signal.SIGTERM)
        sent = time.monotonic()
        _, err = process.communicate(timeout=60)
    # It takes half a second, but other tests take the processor.
    assert time.monotonic() - sent < 15
    assert process.returncode == 1
    assert "stopped while" in err.splitlines()[-1]
    assert "Traceback" not in err


def test_who_writes_waits_for_a_build_of_another_process(loaders: Loaders) -> None:
    """A build reads the raw file to its end, which may take longer than a reader is waited for."""
    upgrade.prepare(RawFile(loaders.warehouse))
    duckdb.connect(str(loaders.warehouse)).close()
    stop = threading.Event()
    with (
        held(loaders.raw),
        held(loaders.warehouse, is_reader=False),
        lock.held(loaders.warehouse, "build", kind=lock.BUILD),
    ):
        label = loaders.warehouse.with_name(f"{loaders.warehouse.name}.build.lock")
        label.write_text(json.dumps({"pid": 1, "command": "build", "since": "noon"}))
        with (
            pytest.raises(WarehouseHeldError, match=r"in `build` \(process 1\) since noon;"),
            reading(loaders.warehouse, "warehouse", patience=0.1),
        ):
            pass
        threading.Timer(1.5, stop.set).start()
        raw = RawFile(loaders.warehouse, patience=0.1, stop=stop)
        with pytest.raises(StoppedError), raw.transaction():
            pass


def test_a_publication_that_waits_for_the_warehouse_can_be_stopped(loaders: Loaders) -> None:
    upgrade.prepare(RawFile(loaders.warehouse))
    duckdb.connect(str(loaders.warehouse)).close()
    stop = threading.Event()
    stop.set()
    with (
        held(loaders.warehouse, is_reader=False),
        pytest.raises(StoppedError, match="stopped while"),
    ):
        publish(loaders.warehouse, stop=stop)


def test_a_full_disk_loses_nothing(tmp_path: Path) -> None:
    """A file-size limit stands for the disk: the system refuses to write on."""
    sandbox = Sandbox(build(3000))
    with serve(sandbox) as url:
        source = Loaders(sandbox, url, tmp_path / "warehouse.duckdb")
        limited = subprocess.run(
            ["bash", "-c", 'ulimit -f 1500; exec "$0" -m loaders extract -q', sys.executable],
            cwd=Path(__file__).parents[3],
            env=source.environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert limited.returncode == 1, limited.stderr
        assert "free disk space" in limited.stderr
        assert "Traceback" not in limited.stderr
        so_far = len(sandbox.requests)
        source.extract("--max-details", "0")
        assert differences(source) == {}
        assert len(sandbox.requests) - so_far < so_far


def test_sigterm_ends_between_pages_and_the_next_run_goes_on(loaders: Loaders) -> None:
    sandbox = Sandbox(build(4000))
    with serve(sandbox) as url:
        source = Loaders(sandbox, url, loaders.warehouse)
        sandbox.faults.append(Fault(Kind.SLOW, where="/workorders", seconds=1, times=None))
        process = source.start("extract", "work_orders")
        while len(sandbox.requests) < 6:
            time.sleep(0.02)
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=20)
        assert process.returncode == 1
        assert "Traceback" not in err
        assert source.query("select state from raw._runs") == [("stopped",)]
        sandbox.faults.clear()
        so_far = len(sandbox.requests)
        source.extract("work_orders")
        assert differences(source, "work_orders") == {}
        assert len(sandbox.requests) - so_far < 4000 / 200 + 4


def test_awkward_texts_arrive_as_they_were_sent(loaders: Loaders) -> None:
    sandbox = loaders.sandbox
    organization = sandbox.organization_ids[0]
    draw = random.Random(5)
    alphabet = [
        '"',
        "\\",
        "\n",
        "\t",
        "\r",
        "\x00",
        "😀",
        "👩🏽‍🔧",
        "\u202e",
        "אבג",
        "\u2028",
        "é",
        "a",
    ]
    titles = {}
    for number in range(700_000, 700_040):
        title = "".join(draw.choices(alphabet, k=100_000))
        titles[number] = title
        text = json.dumps({"id": number, "title": title}, ensure_ascii=bool(number % 2))
        sandbox.raw_record("work_orders", organization, text)
    assert sum(len(title.encode()) for title in titles.values()) > 10_000_000
    loaders.extract("work_orders")
    live = loaders.live("work_orders", organization)
    assert all(live[number]["title"] == title for number, title in titles.items())


def test_status_says_how_fresh_each_list_is(loaders: Loaders) -> None:
    missing = loaders.run("status", expect=2)
    assert "run `make extract` first" in missing.stderr
    loaders.extract("teams", "work_orders")
    told = json.loads(loaders.run("status", "--json").stdout)
    assert {one["last_state"] for one in told} == {"done", "waiting"}
    lists = [one for one in told if one["last_state"] == "done"]
    organizations = len(loaders.sandbox.organization_ids)
    assert [one["resource"] for one in lists] == ["work_orders"] * organizations + [
        "teams"
    ] * organizations
    assert sum(one["rows"] for one in lists if one["resource"] == "teams") == loaders.rows("teams")
    assert all(one["next_due"] for one in lists if one["resource"] == "teams")
    loaders.sandbox.faults.append(Fault(where="/teams", status=400, times=None))
    loaders.extract("teams", expect=1)
    failed = loaders.run("status", expect=1).stdout
    assert "failed: /teams refused the query" in failed


def test_log_lines_can_be_json(loaders: Loaders) -> None:
    err = loaders.extract("teams", "-v", "--log-format", "json").stderr
    lines = [json.loads(line) for line in err.splitlines()]
    assert {"time", "level", "logger", "message"} == set(lines[0])
    assert any("GET /teams" in line["message"] for line in lines)


@pytest.mark.slow
@RUNS_DBT
def test_sync_goes_on_after_a_failed_cycle_and_stops_on_sigterm(
    loaders: Loaders, tmp_path: Path
) -> None:
    loaders.sandbox.faults.append(Fault(where="/organizations", status=404, times=1))
    log = tmp_path / "sync.log"
    with log.open("w") as out:
        process = loaders.start("sync", "--every", "1s", out=out)
        deadline = time.monotonic() + 120
        while "next cycle in" not in re.sub(
            r"^.*?next cycle in", "", log.read_text(), flags=re.DOTALL
        ):
            assert time.monotonic() < deadline, log.read_text()
            assert process.poll() is None, log.read_text()
            time.sleep(0.2)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=30) == 0
    text = log.read_text()
    assert "extract failed: /organizations was not found" in text
    assert "extract done" in text
    for path in (loaders.warehouse, loaders.warehouse.with_name("marts.duckdb")):
        with duckdb.connect(str(path), read_only=True) as connection:
            count = connection.execute("select count(*) > 0 from marts.fct_work_orders")
            assert count.fetchone() == (True,)


def test_several_threads_share_one_quota(loaders: Loaders) -> None:
    """The governor's places are never given twice."""
    sandbox = Sandbox(build(400), quota=Quota(30, 2.0))
    with serve(sandbox) as url:
        source = Loaders(sandbox, url, loaders.warehouse)
        source.extract("--workers", "8", "--leave-quota", "0", "--max-details", "0")
        assert [one.status for one in sandbox.requests].count(429) <= 2
        assert differences(source) == {}


@pytest.mark.slow
def test_details_of_records_stay_within_the_quota(loaders: Loaders) -> None:
    sandbox = Sandbox(build(400), quota=Quota(100, 4.0))
    with serve(sandbox) as url:
        source = Loaders(sandbox, url, loaders.warehouse)
        source.extract()
        assert len(sandbox.requests) > 250
        assert [one.status for one in sandbox.requests].count(429) <= 1
        assert differences(source) == {}
