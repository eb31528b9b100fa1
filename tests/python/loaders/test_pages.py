"""A page that comes again is not compared record by record; the result is as if it were."""

import random
import signal
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import FrameType
from typing import Any

import duckdb
import pytest

from tests.python.loaders.hostile import BY_PATH, Answer, Request, page
from tests.python.loaders.test_hostile import Plant, order, plant

__all__ = ["plant"]

PATH = "/workorders"
SIZE = 5
# Each page begins with the last record of the one before, and the first is asked for alone.
PAGES = 11
ORDERS = 1 + PAGES * (SIZE - 1)
STEPS = 20
START = datetime(2026, 3, 1)


@dataclass
class Orders:
    """Work orders in pages of five. kill_at: the request that ends `process`, from 1."""

    plant: Plant
    kill_at: int = 0
    process: list[subprocess.Popen[str]] = field(default_factory=list)
    clock: int = ORDERS

    def __post_init__(self) -> None:
        self.held = {number: self.at(number, number) for number in range(1, ORDERS + 1)}
        self.plant.hostile.rules[PATH] = self.rule

    def at(self, number: int, second: int, **fields: Any) -> dict[str, Any]:
        moment = (START + timedelta(seconds=second)).isoformat(timespec="milliseconds") + "Z"
        return order(number, createdAt=moment, updatedAt=moment, **fields)

    def touch(self, number: int, **fields: Any) -> None:
        self.clock += 1
        self.held[number] = self.at(number, self.clock, **fields)

    def rule(self, request: Request) -> Answer:
        if request.number == self.kill_at:
            self.process[0].kill()
        found = self.plant.hostile._selected(request)
        start = int(request.get("cursor") or 0)
        more = str(start + SIZE) if start + SIZE < len(found) else None
        return Answer(page(BY_PATH[PATH], found[start : start + SIZE], more))

    def extract(self, *arguments: str, expect: int = 0) -> int:
        """An extract; the number of pages that it took apart. Fails if it does not load all."""
        self.plant.hostile.records[PATH] = list(self.held.values())
        self.plant.hostile.requests.clear()
        cuts = 0

        def count(frame: FrameType, event: str, _called: Any) -> None:
            nonlocal cuts
            cuts += event == "call" and frame.f_code.co_name == "_cut"

        threading.setprofile(count)
        sys.setprofile(count)
        try:
            self.plant.extract("work_orders", "--max-deletions", "100", *arguments, expect=expect)
        finally:
            sys.setprofile(None)
            threading.setprofile(None)
        assert self.plant.loaders.live("work_orders", 7) == self.held
        # The page of organizations.
        return cuts - 1

    def write_raw(self, statement: str) -> None:
        with duckdb.connect(self.plant.loaders.warehouse.with_suffix(".raw.duckdb")) as raw:
            raw.execute(statement)


@pytest.fixture
def orders(plant: Plant) -> Orders:
    return Orders(plant)


def test_a_full_refresh_takes_only_pages_apart_that_differ(orders: Orders) -> None:
    assert orders.extract() == PAGES
    rows = orders.plant.loaders.rows("work_orders")
    assert orders.extract("--full") == 0
    assert len(orders.plant.hostile.asked(PATH)) == PAGES
    assert orders.plant.loaders.rows("work_orders") == rows
    counts = "select walk, records_read, inserted, updated, unchanged, deleted, watermark_to"
    first, again = orders.plant.loaders.query(
        f"{counts} from raw._run_resources where resource = 'work_orders' order by started_at"
    )
    assert first == (
        "whole",
        ORDERS + PAGES - 1,
        ORDERS,
        0,
        0,
        0,
        START + timedelta(seconds=ORDERS),
    )
    assert again == (*first[:2], 0, 0, ORDERS, 0, first[-1])
    # New orders come last.
    orders.touch(ORDERS + 1)
    assert orders.extract("--full") == 2
    assert orders.extract("--full") == 0


def test_a_deletion_after_equal_pages_is_found(orders: Orders) -> None:
    orders.extract()
    del orders.held[ORDERS]
    assert orders.extract("--full") == 1
    assert orders.plant.last("work_orders")[2] == 1
    assert orders.extract("--full") == 0


@pytest.mark.parametrize(
    "statement",
    [
        "delete from work_orders where id = 3",
        "delete from _source_pages",
        "insert into work_orders select * replace ('{}' as payload, 'x' as _content_hash,"
        " _extracted_at + interval 1 second as _extracted_at) from work_orders where id = 3",
    ],
)
def test_a_list_that_was_written_since_is_read_record_by_record(
    orders: Orders, statement: str
) -> None:
    orders.extract()
    orders.write_raw(statement)
    assert orders.extract("--full") == PAGES
    assert orders.extract("--full") == 0


def test_pages_behind_one_that_is_odd_are_taken_apart(orders: Orders) -> None:
    orders.extract()
    orders.plant.hostile.rules[PATH] = lambda request: odd(orders.rule(request), request)
    assert orders.extract("--full", expect=1) == PAGES - 2
    assert orders.extract("--full") == PAGES - 2
    assert orders.plant.last("work_orders")[3] == 1


def odd(answer: Answer, request: Request) -> Answer:
    """On the third page, one more element that is no record."""
    if request.number != 3:
        return answer
    return Answer(str(answer.body).replace("[{", '[{"name": "No id"}, {', 1))


def test_a_killed_refresh_goes_on_after_equal_pages(orders: Orders) -> None:
    orders.extract()
    orders.touch(ORDERS + 1)
    assert killed(orders, 6) == -signal.SIGKILL
    assert orders.extract("--full") == 2
    assert len(orders.plant.hostile.asked(PATH)) == PAGES + 1 - 5


def test_a_killed_refresh_begins_anew_where_the_list_was_written(orders: Orders) -> None:
    orders.extract()
    assert killed(orders, 6) == -signal.SIGKILL
    orders.touch(1)
    orders.extract()
    assert orders.extract("--full") == PAGES
    assert len(orders.plant.hostile.asked(PATH)) == PAGES


def killed(orders: Orders, number: int) -> int:
    """A full refresh that SIGKILL ends before the answer of a request; the exit code."""
    orders.plant.hostile.records[PATH] = list(orders.held.values())
    orders.plant.hostile.requests.clear()
    orders.kill_at = number
    orders.process[:] = [orders.plant.loaders.start("extract", "work_orders", "--full", "-q")]
    orders.process[0].communicate(timeout=60)
    orders.kill_at = 0
    return orders.process[0].returncode


@pytest.mark.sampled
@pytest.mark.parametrize("seed", range(2))
def test_any_change_is_found(orders: Orders, seed: int) -> None:
    draw = random.Random(seed)
    orders.extract()
    repeated = 0
    for step in range(STEPS):
        number = draw.choice(sorted(orders.held))
        match draw.choice(["nothing", "touch", "silent", "delete", "new", "old", "tie", "removed"]):
            case "touch":
                orders.touch(number, title=f"Step {step}")
            case "silent":
                orders.held[number] = {**orders.held[number], "title": f"Step {step}"}
            case "delete":
                del orders.held[number]
            case "new":
                orders.touch(100 + step)
            case "old":
                orders.held[200 + step] = orders.at(200 + step, draw.randint(0, ORDERS))
            case "tie":
                moment = orders.held[number]["updatedAt"]
                orders.held[300 + step] = order(300 + step, createdAt=moment, updatedAt=moment)
            case "removed":
                orders.write_raw(f"delete from work_orders where id = {number}")
        cuts = orders.extract("--full")
        repeated += len(orders.plant.hostile.asked(PATH)) - cuts
    assert repeated > STEPS


def test_pages_of_a_resumed_read_that_met_newer_rows_are_not_kept(orders: Orders) -> None:
    orders.extract()
    orders.touch(ORDERS)
    orders.extract()
    assert killed(orders, 6) == -signal.SIGKILL
    gone = orders.held.pop(3)
    orders.extract("--sweep")
    orders.extract("--full")
    orders.held[3] = gone
    orders.extract("--full")
    changed = {**gone, "title": "Labour"}
    assert killed(orders, 6) == -signal.SIGKILL
    orders.held[3] = changed
    orders.extract("--since", "2020-01-01")
    orders.extract("--full")
    orders.held[3] = gone
    orders.extract("--full")


@pytest.mark.parametrize("lost", ["true", "number = 2"])
def test_a_killed_refresh_begins_anew_where_its_pages_are_lost(orders: Orders, lost: str) -> None:
    orders.extract()
    assert killed(orders, 6) == -signal.SIGKILL
    orders.write_raw(f"delete from _source_pages where {lost}")
    orders.extract("--full")
    assert len(orders.plant.hostile.asked(PATH)) == PAGES
    assert orders.extract("--full") == 0
