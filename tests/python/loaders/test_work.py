"""How much an extract does, in counts that are the same on a slow machine.

`make bench` measures seconds (docs/performance.md).
"""

import subprocess
import sys
import threading
import time
from collections import Counter
from types import FrameType
from typing import Any

import pytest

from benchmarks import request_counts
from loaders.maintainx.catalogue import CATALOGUE, PAGE_SIZE
from loaders.warehouse.spool import SYNC_EVERY
from tests.python.loaders.conftest import ROOT
from tests.python.loaders.hostile import Answer, Request, page
from tests.python.loaders.test_hostile import Plant, order, plant

__all__ = ["plant"]

PAGES = 2
# Each page begins with the last record of the one before.
ORDERS = PAGES * (PAGE_SIZE - 1)
CHANGED = 7
CALLS = 2_500
CALLS_PER_RECORD = 16
STATEMENTS = 100
# Of the raw file: to prepare it, to begin the run, for the pages of the last read, for the load, to
# end the run.
OPENINGS = 5
# Three before the raw file is overwritten, and of each file of the spool at its first page.
SYNCS = 6


def orders(changed: int = 0) -> list[dict[str, Any]]:
    """One for each second; the first `changed` ones have another title since the day after."""
    found = []
    for number in range(1, ORDERS + 1):
        day, title = (2, "Pump again") if number <= changed else (1, "Pump")
        moment = f"2026-03-{day:02}T00:{number // 60:02}:{number % 60:02}.000Z"
        parts = [{"id": part, "name": None} for part in range(4)]
        found.append(order(number, updatedAt=moment, title=title, parts=parts))
    return sorted(found, key=lambda one: str(one["updatedAt"]))


def serve(plant: Plant, records: list[dict[str, Any]]) -> None:
    """Let the server answer these, page by page."""

    def rule(request: Request) -> Answer:
        found = [
            one for one in records if one["updatedAt"] >= (request.get("updatedAt[gte]") or "")
        ]
        more = "next" if len(found) > PAGE_SIZE else None
        return Answer(page(CATALOGUE["work_orders"], found[:PAGE_SIZE], more))

    plant.hostile.rules["/workorders"] = rule
    plant.hostile.requests.clear()


def work(plant: Plant, *arguments: str) -> Counter[str]:
    """Calls of and in the code of the loaders in an extract, by name. Fails if they are too many.

    Of a record: nothing that decodes it as a whole, and no more calls than there were.
    """
    counts: Counter[str] = Counter()
    place = str(ROOT / "loaders")

    def count(frame: FrameType, event: str, called: Any) -> None:
        if event in ("call", "c_call") and frame.f_code.co_filename.startswith(place):
            counts[called.__name__ if event == "c_call" else frame.f_code.co_name] += 1

    started = time.monotonic()
    threading.setprofile(count)
    sys.setprofile(count)
    try:
        plant.extract("work_orders", *arguments)
    finally:
        sys.setprofile(None)
        threading.setprofile(None)
    seconds = time.monotonic() - started
    assert len(plant.hostile.requests) == PAGES + 1
    assert counts["fsync"] <= SYNCS + 3 * int(seconds / SYNC_EVERY)
    assert counts["execute"] <= STATEMENTS
    assert counts["page_by_hand"] == 0
    assert counts["_open"] <= OPENINGS
    assert counts.total() <= CALLS + CALLS_PER_RECORD * ORDERS
    return counts


def test_an_extract_does_no_more_than_it_has_to(plant: Plant) -> None:
    serve(plant, orders())
    assert work(plant)["content_hash"] == 0
    assert plant.loaders.rows("work_orders") == ORDERS
    serve(plant, orders())
    full = work(plant, "--full")
    # The page of organizations.
    assert (full["_cut"], full["content_hash"]) == (1, 0)
    assert full.total() <= CALLS
    assert plant.loaders.rows("work_orders") == ORDERS
    serve(plant, orders(CHANGED))
    assert work(plant)["content_hash"] == 2 * CHANGED
    assert plant.loaders.rows("work_orders") == ORDERS + CHANGED


WATCHED = """
import atexit, gc, runpy, sys
searches = []
gc.callbacks.append(lambda phase, _: searches.append(phase))
atexit.register(lambda: print(len(searches), gc.get_freeze_count()))
sys.argv = ["{module}", "--help"]
runpy.run_module("{module}", run_name="__main__")
"""


@pytest.mark.parametrize("module", ["loaders", "loaders.run_dbt"])
def test_a_command_hardly_searches_for_cycles_of_objects(module: str) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", WATCHED.format(module=module)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    searches, spared = map(int, ended.stdout.split()[-2:])
    assert searches < 40
    assert spared > 1000


def test_the_record_that_two_pages_share_is_asked_for_once(plant: Plant) -> None:
    path, resource = "/purchaseorders", CATALOGUE["purchase_orders"]
    held = [order(number, updatedAt=f"2026-03-0{number}T00:00:00.000Z") for number in (1, 2, 3)]
    plant.hostile.records[path] = held

    def rule(request: Request) -> Answer:
        """A page of two; the deletion check, which sorts by another time, gets all."""
        since = request.get("updatedAt[gte]") or ""
        found = [one for one in held if one["updatedAt"] >= since]
        size = 2 if request.get("sort") == "updatedAt" else 3
        return Answer(page(resource, found[:size], "next" if len(found) > size else None))

    plant.hostile.rules[path] = rule
    plant.extract("purchase_orders")
    assert plant.ids("purchase_orders") == [1, 2, 3]
    asked = [request.path for request in plant.hostile.requests]
    assert sorted(asked) == ["/organizations", *[path] * 3, *(f"{path}/{n}" for n in (1, 2, 3))]


@pytest.mark.slow
def test_no_run_requests_more_than_the_surplus_that_the_docs_explain() -> None:
    surplus = {
        name: {key: more for key, more in (sent - least).items() if "{id}" not in key}
        for name, (sent, least) in request_counts.run(2000).items()
    }
    keyset = {"work_orders": 2}
    assert surplus == {
        "first extract": keyset | {"asset_statuses": 2, "purchase_orders": 2},
        "nothing changed": {},
        "1 % of the orders changed": {},
        "deletion check": keyset | {"asset_statuses": 2},
        "reconcile": keyset,
        "details": {},
    }
