"""`sync` reads what signals mark: afterwards raw holds what a full extract would give."""

import os
import random
import shutil
import threading
import time
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from loaders import last_build
from loaders.commands.running import Reading, opened_run
from loaders.extract.options import Options
from loaders.extract.refresh import refresh_marked
from loaders.extract.run import Summary
from loaders.extract.sync import Sync
from loaders.maintainx.catalogue import CATALOGUE
from loaders.settings import Settings
from loaders.warehouse import signals
from sandbox import Dataset, Sandbox, Trouble, serve
from tests.python.conftest import Plant
from tests.python.loaders.conftest import KEY, RUNS_DBT, Loaders, differences, doubled_rows
from tests.support.listening import listening
from tests.support.served import free_port

DAY = timedelta(days=1)
QUIET = Reading(4, 20, timedelta(seconds=30), "text", quiet=True, verbose=False)
# What of a list changes with an event of its own, and how.
TOLD = {
    "work_orders": ("insert", "update", "delete", "restore", "labour"),
    "parts": ("insert", "update", "delete", "restore"),
    "assets": ("insert",),
    "asset_statuses": ("insert",),
    "purchase_orders": ("insert", "update"),
    "locations": ("insert",),
    "vendors": ("insert",),
    "users": ("insert",),
    "work_requests": ("insert", "update"),
    "meter_triggers": ("update",),
}
LISTS = (*TOLD, "parent_work_orders")
# A release is checked with 20.
SEEDS = int(os.environ.get("WEBHOOK_SEEDS", "8"))


@pytest.fixture
def loaders(small_plant: Plant, tmp_path: Path, dataset: Dataset) -> Iterator[Loaders]:
    """A raw file that holds all of the sandbox."""
    sandbox = Sandbox(dataset)
    shutil.copy(small_plant.loaders.raw, tmp_path)
    with serve(sandbox) as url:
        yield Loaders(sandbox, url, tmp_path / "warehouse.duckdb")


def follow(loaders: Loaders, *, only: bool = True, after: timedelta = timedelta()) -> Summary:
    """One read of `sync`, by default of what signals mark alone."""
    settings = Settings(KEY, loaders.url, None, loaders.warehouse)
    options = Options(tuple(CATALOGUE.values()), due=True, signal_interval=after)
    with opened_run(settings, options, QUIET, threading.Event()) as run:
        return refresh_marked(run, "sync", only=only)


def signal(loaders: Loaders, event: str, number: int | None, organization: int | None) -> None:
    name = "work_orders" if event.startswith("WORK_ORDER") else event[4:].lower() + "s"
    moment = "2026-01-01T00:00:00.000+00:00"
    one = signals.Signal(moment, event, name, organization, number)
    signals.append(signals.path_of(loaders.warehouse), one.__dict__)


FIELD = {"parts": "name", "meter_triggers": "name"}


def change(
    sandbox: Sandbox, draw: random.Random, gone: list[tuple[str, int]], without: str = ""
) -> None:
    """One change of which an event tells, or none."""
    name = draw.choice(list(TOLD))
    kind = draw.choice([kind for kind in TOLD[name] if kind != without])
    organization = draw.choice(sandbox.organization_ids)
    numbers = [record["id"] for record in sandbox.listed(name, organization)]
    if kind == "insert":
        sandbox.insert(name, organization_id=organization)
    elif kind == "restore":
        if gone:
            sandbox.restore(*gone.pop())
    elif not numbers:
        return
    elif kind == "delete":
        gone.append((name, draw.choice(numbers)))
        sandbox.delete(*gone[-1])
    elif kind == "labour":
        entry = {"type": "TIME", "quantity": 1, "durationTotal": draw.randrange(1, 9) * 60}
        sandbox.update(name, draw.choice(numbers), touch=False, timeItems=[entry])
    else:
        text: dict[str, Any] = {FIELD.get(name, "title"): f"Changed {draw.random()}"}
        sandbox.update(name, draw.choice(numbers), **text)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(SEEDS))
def test_after_any_deliveries_raw_equals_a_full_extract(loaders: Loaders, seed: int) -> None:
    """Late, twice, in any order, forged, old and large ones; receivers that are killed; reads in
    between. At the end a receiver is down for a day, of which no event is ever delivered."""
    sandbox, draw, gone = loaders.sandbox, random.Random(seed), list[tuple[str, int]]()
    port = free_port()
    sandbox.webhooks.subscribe_all(f"http://127.0.0.1:{port}")
    answers: Counter[int] = Counter()
    for _ in range(4):
        with listening(loaders.warehouse, port=port) as receiver:
            for _ in range(draw.randrange(1, 20)):
                change(sandbox, draw, gone)
            troubles = [one for one in Trouble if draw.random() < 0.5 and one is not Trouble.BURST]
            if draw.random() < 0.5:
                threading.Timer(draw.random() * 0.1, receiver.kill).start()
            answers += sandbox.webhooks.deliver(troubles, draw.randrange(100))
            if draw.random() < 0.5:
                follow(loaders)
    with listening(loaders.warehouse, port=port):
        while answers_now := sandbox.webhooks.deliver():
            answers += answers_now
    summary = follow(loaders)
    assert summary.state == "done"
    assert signals.waiting(loaders.warehouse).signals == 0
    assert differences(loaders, *LISTS) == {}
    print(f"seed {seed}: answers {dict(answers)}, {summary.requests} requests in the last read")
    for _ in range(20):
        # Without an event, labour of orders that are older than a year is never read again.
        change(sandbox, draw, gone, without="labour")
    # A day later every list is due, and the sweep.
    loaders.extract("-q", "--sweep")
    assert differences(loaders) == {}
    assert doubled_rows(loaders) == []


def test_a_cycle_after_signals_reads_only_what_they_mark(loaders: Loaders) -> None:
    sandbox = loaders.sandbox
    first, other = sandbox.organization_ids[:2]
    old, labour, deleted = [order["id"] for order in sandbox.listed("work_orders", first)][:3]
    sandbox.update("work_orders", old, title="Changed")
    sandbox.update("work_orders", labour, touch=False, timeItems=[])
    sandbox.delete("work_orders", deleted)
    sandbox.update("parts", sandbox.listed("parts", first)[0]["id"], name="Not told of")
    sandbox.insert("work_requests", organization_id=other)
    for event, number, organization in (
        ("WORK_ORDER_CHANGE", old, first),
        ("WORK_ORDER_CHANGE", labour, first),
        ("WORK_ORDER_CHANGE", labour, first),
        ("WORK_ORDER_DELETE", deleted, first),
        ("WORK_ORDER_DELETE", old, first),
        ("WORK_ORDER_CHANGE", 10**17, first),
        ("NEW_WORK_REQUEST", None, other),
        ("NEW_ASSET", 1, 10**17),
        ("NEW_SOMETHING", 1, first),
    ):
        signal(loaders, event, number, organization)
    asked = len(sandbox.requests)
    follow(loaders)
    assert set(differences(loaders, *LISTS)) == {("parts", first)}
    paths = Counter(request.path for request in sandbox.requests[asked:])
    orders = paths.pop("/workorders")
    assert orders <= 4
    pages = paths.pop("/workrequests")
    assert pages == len(sandbox.listed("work_requests", other)) // 200 + 1
    assert paths == {"/organizations": 1, f"/workorders/{deleted}": 1, f"/workorders/{old}": 1}
    assert signals.waiting(loaders.warehouse).signals == 0
    assert "signals" not in loaders.invoke("status", expect=None).output


def test_signals_stay_until_their_list_could_be_read(loaders: Loaders) -> None:
    sandbox = loaders.sandbox
    first = sandbox.organization_ids[0]
    sandbox.insert("parts", organization_id=first)
    sandbox.insert("vendors", organization_id=first)
    sandbox.forbidden = {"parts"}
    for event in ("NEW_PART", "NEW_VENDOR", "NEW_LOCATION"):
        signal(loaders, event, None, None)
    signals.append(signals.dead_letters_of(loaders.warehouse), {"reason": "one"})
    follow(loaders, after=DAY)
    told = loaders.invoke("status", expect=None).output
    assert "3 signals of webhooks wait for `sync` since 2026-01-01 00:00 UTC" in told
    assert "1 webhooks were signed but not understood" in told
    sandbox.forbidden = set()
    follow(loaders, after=DAY)
    assert signals.waiting(loaders.warehouse).signals == 2
    follow(loaders, only=False)
    assert signals.waiting(loaders.warehouse).signals == 0
    assert differences(loaders, "parts", "vendors", "locations") == {}


KILLED_AFTER_FSYNC = """
import os, signal, stat
fsync = os.fsync
def killed(file):
    fsync(file)
    if stat.S_ISREG(os.fstat(file).st_mode):
        os.kill(os.getpid(), signal.SIGKILL)
os.fsync = killed
"""


def test_a_receiver_killed_between_fsync_and_answer_loses_nothing(loaders: Loaders) -> None:
    sandbox, port = loaders.sandbox, free_port()
    sandbox.webhooks.subscribe_all(f"http://127.0.0.1:{port}")
    sandbox.delete("parts", sandbox.listed("parts", sandbox.organization_ids[0])[0]["id"])
    with listening(loaders.warehouse, port=port, prelude=KILLED_AFTER_FSYNC):
        assert sandbox.webhooks.deliver() == {0: 1}
    assert signals.waiting(loaders.warehouse).signals == 1
    with listening(loaders.warehouse, port=port):
        assert sandbox.webhooks.deliver() == {204: 1}
    assert signals.waiting(loaders.warehouse).signals == 2
    follow(loaders)
    assert differences(loaders, "parts") == {}


# The loop of `sync`


@RUNS_DBT
def test_a_signal_starts_a_cycle_at_once(loaders: Loaders, small_plant: Plant) -> None:
    """The first cycle finds no news, the second one is that of the signal."""
    shutil.copy(small_plant.loaders.warehouse, loaders.warehouse)
    begun = last_build.start()
    loaders.run("publish")
    last_build.keep(loaders.warehouse, begun)
    stop, calls = threading.Event(), list[tuple[bool, float]]()

    def extract(only: bool) -> Summary:
        calls.append((only, time.monotonic()))
        if len(calls) == 2:
            follow(loaders)
            stop.set()
        else:
            signal(loaders, "NEW_PART", None, None)
        return Summary("run", "done", [], 0, 0.0)

    def publish(_: Path) -> Any:
        raise AssertionError

    collect = timedelta(seconds=2)
    Sync(extract, publish, loaders.warehouse, stop, DAY, collect).repeat(DAY)
    (regular, first), (woken, second) = calls
    assert (regular, woken) == (False, True)
    assert 2 <= second - first < 10
