"""The loaders against a MaintainX that answers anything: nothing valid is lost, no run hangs,

no run ends with a traceback, and what could not be read is said.
"""

import gzip
import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from signal import SIGTERM
from threading import Event
from typing import Any

import duckdb
import pytest
from click.testing import Result

from loaders.maintainx.catalogue import CATALOGUE
from loaders.maintainx.client import Client
from loaders.maintainx.quota import Governor
from loaders.maintainx.records import content_hash
from loaders.settings import Settings
from sandbox import Sandbox
from tests.python.loaders.conftest import Loaders, doubled_rows
from tests.python.loaders.hostile import Answer, Hostile, Request, page, serving

CREATED = "2026-03-01T00:00:00.000Z"
QUICK = ("--timeout", "0.3s")
HALF_AN_EMOJI = r'"Pump broken \ud83d"'


@dataclass
class Plant:
    """The server and the command line against it."""

    hostile: Hostile
    loaders: Loaders

    def extract(self, *arguments: str, expect: int | None = 0) -> Result:
        """`extract`, which never ends with a traceback."""
        return self.run(
            "extract", *arguments, *(() if "--timeout" in arguments else QUICK), expect=expect
        )

    def run(self, *arguments: str, expect: int | None = 0) -> Result:
        return self.loaders.invoke(*arguments, expect=expect)

    def ids(self, name: str) -> list[int]:
        """Not deleted ids of a list."""
        return sorted(self.loaders.live(name, 7))

    def last(self, name: str) -> tuple[Any, ...]:
        """The newest walk of a list: state, watermark_to, deleted, rejected, error."""
        return self.loaders.query(
            "select state, watermark_to, deleted, rejected, error from raw._run_resources"
            f" where resource = '{name}' order by ended_at desc limit 1"
        )[0]

    def watermark(self, name: str) -> datetime | None:
        moment: datetime | None = self.loaders.query(
            f"select max(watermark_to) from raw._run_resources where resource = '{name}'"
        )[0][0]
        return moment


@pytest.fixture
def plant(sandbox: Sandbox, tmp_path: Path) -> Iterator[Plant]:
    hostile = Hostile()
    with serving(hostile) as url:
        yield Plant(hostile, Loaders(sandbox, url, tmp_path / "warehouse.duckdb"))


def order(number: int, **fields: Any) -> dict[str, Any]:
    return {
        "id": number,
        "title": f"Order {number}",
        "status": "OPEN",
        "createdAt": CREATED,
        "updatedAt": CREATED,
        **fields,
    }


def named(*numbers: int) -> list[dict[str, Any]]:
    return [{"id": number, "name": f"Name {number}"} for number in numbers]


# Texts and numbers


def test_half_an_emoji_loads_as_a_replacement_character(plant: Plant) -> None:
    text = json.dumps(order(1)).replace('"Order 1"', HALF_AN_EMOJI)
    whole = json.dumps(order(2, title="\U0001f527 \\ud83d"))
    plant.hostile.records["/workorders"] = [text, whole]
    process = plant.extract("work_orders")
    held = plant.loaders.live("work_orders", 7)
    assert held[1]["title"] == "Pump broken \ufffd"
    assert held[2]["title"] == "\U0001f527 \\ud83d"
    assert "1 record" in process.stderr
    assert "U+FFFD" in process.stderr


def test_bytes_that_are_no_utf8_load_as_a_replacement_character(plant: Plant) -> None:
    record = json.dumps({"id": 1, "name": "Half @ and whole \U0001f527"}, ensure_ascii=False)
    content = page(CATALOGUE["teams"], [record]).encode().replace(b"@", b"\xed\xa0\xbd")
    plant.hostile.rules["/teams"] = Answer(content)
    plant.extract("teams")
    (name,) = (row["name"] for row in plant.loaders.live("teams", 7).values())
    assert name.startswith("Half \ufffd")
    assert name.endswith("and whole \U0001f527")


def test_what_json_does_not_know_loads_as_null(plant: Plant) -> None:
    plant.hostile.records["/meters"] = [
        '{"id": 1, "name": "NaN or -Infinity \\"NaN\\"", "a": NaN, "b": [-Infinity, Infinity]}'
    ]
    plant.extract("meters")
    assert plant.loaders.live("meters", 7)[1] == {
        "id": 1,
        "name": 'NaN or -Infinity "NaN"',
        "a": None,
        "b": [None, None],
    }


def test_another_text_is_a_version_only_where_it_is_other_content(plant: Plant) -> None:
    """Also after an upgrade: rows of earlier releases have content hashes, no hashes of texts."""
    link = '{"id":3,"logo":{"mimeType":"image/png","url":"https://x/?signed=SIGNED"}}'
    plant.hostile.records["/teams"] = ['{"id":1,"a":1.10,"b":null}', '{"id":2,"name":"a"}', link]
    plant.extract("teams")
    link = link.replace("SIGNED", "again")
    plant.hostile.records["/teams"] = ['{"a": 1.10, "id": 1}', '{"id":2,"name":"b"}', link]
    plant.extract("teams")
    assert plant.loaders.query("select id from raw.teams order by id") == [(1,), (2,), (2,), (3,)]
    with duckdb.connect(plant.loaders.raw) as connection:
        rows = connection.execute("select id, payload, _content_hash from teams").fetchall()
        assert {row[2] == content_hash(row[1]) for row in rows if row[0] == 3} == {True}
        connection.executemany(
            "update teams set _content_hash = ? where payload = ?",
            [(content_hash(payload), payload) for _, payload, _ in rows],
        )
    plant.hostile.records["/teams"][0] = '{"id":1,"a":1.10}'
    plant.extract("teams")
    assert plant.loaders.rows("teams") == 4
    plant.hostile.records["/teams"][0] = '{"id":1,"a":1.1,"c":0}'
    plant.extract("teams")
    assert plant.loaders.rows("teams") == 5
    assert doubled_rows(plant.loaders) == []


def test_what_is_rejected_is_said_by_exit_code_and_status(plant: Plant) -> None:
    plant.hostile.records["/teams"] = [*named(1), {"id": 2**63, "name": "beyond"}]
    process = plant.extract("teams", expect=1)
    assert "rejected" in process.stdout
    assert plant.ids("teams") == [1]
    said = plant.run("status", expect=1).stdout
    assert any("teams" in line and "rejected" in line for line in said.splitlines()), said
    summary = said.partition("\n\n")[0]
    assert "lists of all organizations: " in summary
    assert ", 1 partial, " in summary
    plant.hostile.records["/teams"] = named(1, 2)
    plant.extract("teams")
    plant.run("status")


@pytest.mark.parametrize("depth", [400, 700, 100_000])
def test_a_record_that_is_nested_too_deep_leaves_the_others(plant: Plant, depth: int) -> None:
    deep = f'{{"id": 2, "name": "] \\" [", "deep": {"[" * depth}{"]" * depth}}}'
    plant.hostile.rules["/teams"] = Answer(page(CATALOGUE["teams"], [*named(1), deep, *named(3)]))
    is_read = depth == 400
    plant.extract("teams", expect=int(not is_read))
    assert plant.ids("teams") == ([1, 2, 3] if is_read else [1, 3])
    rejects = plant.loaders.query("select reason, record from raw._rejects")
    told = [("the record is nested more than 500 levels deep", deep)]
    assert rejects == ([] if is_read else told)


@pytest.mark.slow
@pytest.mark.parametrize("packed", [False, True])
def test_an_answer_that_no_memory_holds_fails_its_list(plant: Plant, packed: bool) -> None:
    content = b" " * 201_000_000
    answer = Answer(content, status=404)
    if packed:
        answer = Answer(gzip.compress(content), status=404, headers={"Content-Encoding": "gzip"})
    plant.hostile.rules["/teams"] = answer
    plant.hostile.records["/users"] = named(1)
    plant.extract("teams", "users", "--timeout", "20s", expect=1)
    assert plant.ids("users") == [1]
    assert "the answer is larger than 200 MB" in plant.last("teams")[-1]


def test_an_answer_may_be_packed(plant: Plant) -> None:
    content = gzip.compress(page(CATALOGUE["teams"], named(1, 2)).encode())
    plant.hostile.rules["/teams"] = Answer(content, headers={"Content-Encoding": "gzip"})
    plant.extract("teams")
    assert plant.ids("teams") == [1, 2]


# Listings that never end


def endless(name: str, cursors: Any, records: Any = None) -> Any:
    """A rule: every page has a next cursor."""

    def rule(request: Request) -> Answer:
        if request.number > 100:
            return Answer({"error": "enough"}, 400)
        texts = named(1, 2, 3) if records is None else records
        return Answer(page(CATALOGUE[name], texts, cursor=next(cursors)))

    return rule


@pytest.mark.sampled
@pytest.mark.parametrize(
    ("name", "records", "period"),
    [
        ("locations", None, None),
        ("locations", [], None),
        ("teams", None, 1),
        ("assets", None, 2),
        ("assets", [], None),
        ("asset_statuses", None, 2),
        ("asset_statuses", ["{}"], None),
    ],
)
def test_a_listing_that_never_ends_fails_within_a_few_pages(
    plant: Plant, name: str, records: Any, period: int | None
) -> None:
    path = CATALOGUE[name].path
    numbers = count()
    cursors = (f"c{number % period if period else number}" for number in numbers)
    plant.hostile.rules[path] = endless(name, cursors, records)
    plant.hostile.records["/workorders"] = [order(1)]
    plant.extract(name, "work_orders", expect=1)
    assert len(plant.hostile.asked(path)) < 20
    assert plant.ids("work_orders") == [1]
    state, *_, error = plant.last(name)
    assert (state, "never ends" in error) == ("failed", True)
    del plant.hostile.rules[path]
    plant.hostile.records[path] = named(1, 2)
    plant.hostile.requests.clear()
    plant.extract(name)
    assert plant.hostile.asked(path)[0].get("cursor") is None
    assert plant.ids(name) == [1, 2]


@pytest.mark.sampled
@pytest.mark.parametrize("period", [2, None])
def test_organizations_that_never_end_fail_within_a_few_pages(
    plant: Plant, period: int | None
) -> None:
    cursors = (f"c{number % period if period else number}" for number in count())
    plant.hostile.rules["/organizations"] = endless("organizations", cursors)
    process = plant.extract("teams", expect=1)
    assert "never ends" in process.stderr
    assert len(plant.hostile.requests) < 20


def test_the_second_reading_of_a_listing_may_not_be_endless_either(plant: Plant) -> None:
    def rule(request: Request) -> Answer:
        if request.number < 4:
            records = named(request.number)
            cursor = f"c{request.number}" if request.number < 3 else None
        else:
            records, cursor = named(1, 2, 3), f"c{request.number}"
        return Answer(page(CATALOGUE["asset_statuses"], records, cursor))

    plant.hostile.rules["/assetstatuses"] = rule
    plant.extract("asset_statuses", expect=1)
    assert len(plant.hostile.requests) < 30


def test_many_pages_of_one_instant_are_no_endless_listing(plant: Plant) -> None:
    orders = [order(number) for number in range(1, 61)]

    def rule(request: Request) -> Answer | None:
        if request.get("parentSubWorkOrderTypes") or request.get("statuses"):
            return None
        at = int(request.get("cursor") or 0)
        cursor = str(at + 2) if at + 2 < len(orders) else None
        return Answer(page(CATALOGUE["work_orders"], orders[at : at + 2], cursor))

    plant.hostile.rules["/workorders"] = rule
    plant.extract("work_orders")
    assert len(plant.ids("work_orders")) == 60


# Time: requests that drip, signals, headers, clocks


@pytest.mark.sampled
@pytest.mark.parametrize("where", ["pause", "pause_headers"])
def test_an_answer_that_drips_is_given_up(plant: Plant, where: str) -> None:
    pause = {where: 0.05}
    text = page(CATALOGUE["teams"], named(*range(200)))
    plant.hostile.rules["/teams"] = replace(Answer(text), **pause)  # type: ignore[arg-type]
    plant.hostile.records["/users"] = named(1)
    plant.extract("teams", "users", expect=1)
    assert plant.ids("users") == [1]
    assert "took longer than" in plant.last("teams")[-1]


@pytest.mark.slow
def test_a_request_that_is_given_up_leaves_no_thread(plant: Plant) -> None:
    plant.hostile.rules["/teams"] = Answer(page(CATALOGUE["teams"], named(1)), pause=0.05)
    plant.extract("teams", expect=1)
    ends = time.monotonic() + 10
    while any("(send)" in thread.name for thread in threading.enumerate()):
        assert time.monotonic() < ends
        time.sleep(0.1)


def stopped(plant: Plant, command: str, path: str, signals: int = 1) -> tuple[float, int, str]:
    """Signal a command whose answer to `path` drips; seconds to its end, exit code, errors."""
    text = page(CATALOGUE["teams"], named(*range(200)))
    plant.hostile.rules = {path: Answer(text, pause=0.5)}
    plant.hostile.requests.clear()
    process = plant.loaders.start(command, "teams", "--timeout", "60s")
    while not plant.hostile.asked(path):
        assert process.poll() is None, process.communicate()
        time.sleep(0.05)
    sent = time.monotonic()
    for _ in range(signals):
        process.send_signal(SIGTERM)
        time.sleep(0.5)
    try:
        _out, err = process.communicate(timeout=15)
    finally:
        process.kill()
    assert "Traceback" not in err
    return time.monotonic() - sent, process.returncode, err


def test_a_signal_ends_a_run_whose_answer_drips_and_a_second_at_once(plant: Plant) -> None:
    seconds, code, _ = stopped(plant, "extract", "/teams")
    assert seconds < 12
    assert code == 1
    seconds, code, _ = stopped(plant, "extract", "/teams", signals=2)
    assert seconds < 3
    assert code == -SIGTERM


@pytest.mark.slow
def test_a_signal_during_the_first_request_is_logged_as_stopped(plant: Plant) -> None:
    _, code, _ = stopped(plant, "extract", "/organizations")
    assert code == 1
    assert not plant.loaders.raw.exists()
    plant.hostile.rules = {}
    plant.extract("users")
    _, code, _ = stopped(plant, "extract", "/organizations")
    assert code == 1
    states = plant.loaders.query("select state from raw._runs order by started_at")
    assert states == [("done",), ("stopped",)]


def test_a_signal_ends_a_reconciliation_before_the_comparison(plant: Plant) -> None:
    plant.extract("users")
    _, code, said = stopped(plant, "reconcile", "/teams")
    assert code == 1
    assert "stopped before the comparison" in said


@pytest.mark.sampled
@pytest.mark.parametrize(
    "headers",
    [
        {"X-Rate-Limit-Limit": limit, "X-Rate-Limit-Remaining": left, "X-Rate-Limit-Reset": reset}
        for limit, left, reset in (
            ("100", "0", "EPOCH"),
            ("100", "50", "inf"),
            ("100", "50", "nan"),
            ("100", "50", "1e300"),
            ("100", "-5", "-9"),
            ("0", "0", "0"),
            ("-1", "0", "1"),
            ("9" * 400, "9" * 400, "1"),
            ("1e3", "0x5", "soon"),
        )
    ],
    ids=lambda headers: "-".join(headers.values())[:20],
)
def test_numbers_of_the_rate_limit_headers_are_bounded(
    plant: Plant, headers: dict[str, str]
) -> None:
    def rule(_request: Request) -> Answer:
        reset = headers["X-Rate-Limit-Reset"].replace("EPOCH", f"{time.time() + 2:.0f}")
        sent = {**headers, "X-Rate-Limit-Reset": reset}
        return Answer(page(CATALOGUE["teams"], named(1)), headers=sent)

    plant.hostile.rules["/teams"] = rule
    plant.hostile.records["/users"] = named(1)
    plant.extract("teams", "users", "--workers", "1")
    assert plant.ids("users") == [1]


def test_numbers_of_a_429_are_bounded(plant: Plant) -> None:
    headers = [
        {header: wait}
        for header in ("Retry-After", "X-Rate-Limit-Reset")
        for wait in ("nan", "-5", "soon", "1e-300")
    ]

    def rule(_request: Request) -> Answer | None:
        body = {"error": "Please retry in 0.1 seconds"}
        return Answer(body, 429, headers.pop()) if headers else None

    plant.hostile.rules["/teams"] = rule
    plant.hostile.records["/teams"] = named(1)
    plant.extract("teams")
    assert plant.ids("teams") == [1]


@pytest.mark.sampled
@pytest.mark.parametrize(
    "date", ["Fri, 31 Dec 9999 23:59:59 GMT", "Mon, 01 Jan 0001 00:00:00 GMT", "yesterday"]
)
def test_a_date_header_of_another_age_is_not_believed(plant: Plant, date: str) -> None:
    def rule(_request: Request) -> Answer:
        return Answer(page(CATALOGUE["parts"], [order(1)]), headers={"Date": date})

    plant.hostile.rules["/parts"] = rule
    plant.extract("parts")
    assert plant.watermark("parts") == datetime(2026, 3, 1)


def test_a_clock_that_was_ahead_does_not_stop_later_runs(plant: Plant) -> None:
    plant.hostile.records["/teams"] = named(1)
    plant.hostile.records["/workorders"] = [order(1)]
    plant.extract("teams", "work_orders")
    with plant.loaders.writable() as connection:
        connection.execute(
            "update raw._run_resources set ended_at = ended_at + interval 400 day,"
            " started_at = started_at + interval 400 day"
        )
    plant.hostile.requests.clear()
    plant.extract("teams", "work_orders", "--due")
    assert plant.hostile.asked("/teams")
    walks = plant.loaders.query(
        "select distinct walk from raw._run_resources where resource = 'work_orders'"
    )
    assert "sweep" in {walk for (walk,) in walks}
    assert any("labour" in walk for (walk,) in walks)


def test_an_address_without_parameters_has_no_question_mark(plant: Plant) -> None:
    plant.extract("custom_fields_assets")
    assert plant.hostile.asked("/customfields/assets")


def test_a_defect_of_the_loaders_is_no_fault_of_the_network(plant: Plant) -> None:
    stop = Event()
    settings = Settings("key", plant.loaders.url, None, plant.loaders.warehouse)
    with Client(settings, Governor(0.2, stop), stop, 1.0) as client:
        with pytest.raises(TypeError):
            client.get(None, {}, None, str)  # type: ignore[arg-type]
        assert plant.hostile.requests == []


@pytest.mark.parametrize("host", ["a..b", "xn--"])
def test_a_host_that_no_name_can_have_is_a_fault_of_the_network(plant: Plant, host: str) -> None:
    plant.loaders.url = f"http://{host}/v1"
    said = plant.run("check", "teams", "-q", "--timeout", "0.01s", expect=1).stderr
    assert f"could not be read from http://{host}/v1" in said


# Times and ids that no calendar and no integer take


WILD_TIMES = [
    "0001-01-01T00:00:00.000Z",
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59.999Z",
    "9999-12-31T23:59:59-14:00",
    "2026-03-01T00:00:00+99:00",
    "+275760-09-13T00:00:00.000Z",
    "-000001-01-01T00:00:00.000Z",
    "1969-12-31T00:00:00Z",
]


@pytest.mark.sampled
@pytest.mark.parametrize("name", ["work_orders", "assets", "purchase_orders", "asset_statuses"])
def test_times_of_no_calendar_leave_the_watermark_where_it_is(plant: Plant, name: str) -> None:
    wild = [
        order(number, updatedAt=moment, createdAt=moment, completedAt=moment, status="DONE")
        for number, moment in enumerate(WILD_TIMES)
    ]
    plant.hostile.records[CATALOGUE[name].path] = wild
    plant.extract(name)
    assert plant.watermark(name) is None
    plant.hostile.records[CATALOGUE[name].path] = [*wild, order(100)]
    plant.extract(name, "--sweep", "--labour-interval", "0s")
    plant.extract(name)
    assert plant.ids(name) == [*range(len(wild)), 100]
    assert plant.watermark(name) == datetime(2026, 3, 1)


def test_a_watermark_of_a_former_release_that_no_calendar_takes_is_dropped(plant: Plant) -> None:
    plant.hostile.records["/parts"] = [order(1)]
    plant.extract("parts")
    with plant.loaders.writable() as connection:
        connection.execute("update raw._run_resources set watermark_to = '9999-12-31 23:59:59'")
    plant.hostile.records["/parts"] = [order(1), order(2)]
    plant.extract("parts")
    assert plant.ids("parts") == [1, 2]


@pytest.mark.sampled
@pytest.mark.parametrize("since", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:00:00-14:00"])
def test_a_since_outside_the_calendar_is_a_clear_message(plant: Plant, since: str) -> None:
    process = plant.extract("teams", "--since", since, expect=2)
    assert "--since" in process.stderr


def test_spans_that_no_calendar_takes_end_with_no_traceback(plant: Plant) -> None:
    plant.hostile.records["/workorders"] = [order(1)]
    spans = ("--overlap", "36500d", "--labour-days", "36500", "--labour-interval", "0s")
    plant.extract("work_orders", *spans)
    plant.extract("work_orders", *spans)


def test_organizations_that_answer_404_are_taken_from_the_settings(plant: Plant) -> None:
    plant.hostile.rules["/organizations"] = Answer({"error": "Not found"}, 404)
    plant.hostile.records["/teams"] = named(1)
    plant.loaders.env["MAINTAINX_ORGANIZATION_IDS"] = "7"
    plant.extract("organizations", "teams")
    assert plant.ids("teams") == [1]
    assert plant.last("organizations")[0] == "forbidden"


# One record that cannot be told


@pytest.mark.sampled
@pytest.mark.parametrize("status", [500, 410, 405])
def test_a_missing_record_whose_address_does_not_tell_is_kept_and_asked_again(
    plant: Plant, status: int
) -> None:
    plant.hostile.records["/users"] = named(1, 2, 3, 4)
    plant.extract("users")
    plant.hostile.records["/users"] = named(1, 5)
    plant.hostile.rules["/users/2"] = Answer({"error": "no"}, status)
    process = plant.extract("users", "--max-deletions", "90", expect=1)
    assert plant.ids("users") == [1, 2, 5]
    assert "users" in process.stdout
    state, _, deleted, _, error = plant.last("users")
    assert (state, deleted) == ("done", 2)
    assert error.startswith("1 record")
    plant.hostile.requests.clear()
    plant.hostile.rules.clear()
    plant.extract("users", "--max-deletions", "90")
    assert plant.hostile.asked("/users")
    assert plant.hostile.asked("/users/2")
    assert plant.ids("users") == [1, 5]


@pytest.mark.sampled
@pytest.mark.parametrize("status", [500, 403])
def test_a_purchase_order_whose_detail_is_refused_leaves_the_others(
    plant: Plant, status: int
) -> None:
    later = "2026-03-02T00:00:00.000Z"
    plant.hostile.records["/purchaseorders"] = [
        order(1),
        order(2),
        order(3, updatedAt=later),
    ]
    plant.hostile.rules["/purchaseorders/2"] = Answer({"error": "no"}, status)
    plant.extract("purchase_orders", expect=1)
    assert plant.ids("purchase_orders") == [1, 3]
    plant.extract("purchase_orders", expect=1)
    assert plant.ids("purchase_orders") == [1, 3]
    del plant.hostile.rules["/purchaseorders/2"]
    plant.hostile.requests.clear()
    plant.extract("purchase_orders", "--overlap", "0s")
    assert plant.ids("purchase_orders") == [1, 2, 3]
    assert plant.hostile.asked("/purchaseorders/1") == []


def test_an_address_that_answers_another_record_tells_nothing(plant: Plant) -> None:
    plant.hostile.records["/users"] = named(1, 2)
    plant.extract("users")
    plant.hostile.records["/users"] = named(1)
    plant.hostile.rules["/users/2"] = Answer(
        {"user": {"id": 1, "name": "Name 1", "deletedAt": CREATED}}
    )
    plant.extract("users", expect=1)
    assert plant.ids("users") == [1, 2]


def test_max_deletions_of_none_deletes_none(plant: Plant) -> None:
    plant.hostile.records["/users"] = named(1, 2)
    plant.extract("users")
    plant.hostile.records["/users"] = named(1)
    plant.extract("users", "--max-deletions", "0", expect=1)
    assert plant.ids("users") == [1, 2]
    plant.extract("users")
    assert plant.ids("users") == [1]


@pytest.mark.sampled
@pytest.mark.parametrize("body", ["{}", '{"teams": {}, "nextCursor": null}'])
def test_an_empty_object_is_an_empty_list(plant: Plant, body: str) -> None:
    plant.hostile.rules["/teams"] = Answer(body)
    plant.extract("teams")
    assert plant.last("teams")[0] == "done"


def test_a_record_that_comes_back_during_a_sweep_is_not_deleted_in_the_same_instant(
    plant: Plant,
) -> None:
    """Absent from the lean listing, unknown at its address, and there when what differs is read."""
    plant.hostile.records["/parts"] = [order(1), order(2)]
    plant.extract("parts")
    changed = [order(1, updatedAt="2026-03-03T00:00:00.000Z"), order(2, title="again")]

    def rule(request: Request) -> Answer:
        is_lean = request.get("sort") == "createdAt"
        records = changed[:1] if is_lean else changed
        return Answer(page(CATALOGUE["parts"], records))

    plant.hostile.rules["/parts"] = rule
    plant.hostile.rules["/parts/2"] = Answer({"error": "Not found"}, 404)
    plant.extract("parts", "--sweep", "--max-deletions", "100", expect=None)
    doubles = plant.loaders.query(
        "select id, count(*) from raw.parts group by id, _extracted_at having count(*) > 1"
    )
    assert doubles == []
    assert doubled_rows(plant.loaders) == []


# Spools


def stopped_walk(plant: Plant) -> None:
    """A walk of locations that stopped after its first page."""

    def rule(request: Request) -> Answer:
        if request.get("cursor") is None:
            return Answer(page(CATALOGUE["locations"], named(1, 2), "next"))
        return Answer({"error": "no"}, 500)

    plant.hostile.rules["/locations"] = rule
    plant.extract("locations", expect=1)
    del plant.hostile.rules["/locations"]
    plant.hostile.records["/locations"] = named(1, 2, 3)
    plant.hostile.requests.clear()


def journal_of(plant: Plant) -> Path:
    (path,) = plant.loaders.warehouse.parent.rglob("locations.whole.journal")
    return path


@pytest.mark.sampled
@pytest.mark.parametrize(
    "damage",
    [
        lambda lines: [{**lines[0], "version": 0}, *lines[1:]],
        lambda lines: [{**lines[0], "legs": [{"novel": 1}]}, *lines[1:]],
        lambda lines: [{"asked": lines[0]["asked"]}, *lines[1:]],
        lambda lines: [lines[0], {**lines[1], "position": {"novel": 1}}],
        lambda lines: [lines[0], {"read": 2}],
        lambda lines: [lines[0], {**lines[1], "records_bytes": 10_000}],
        lambda lines: [lines[0], {**lines[1], "longest": 10**12}],
        lambda lines: [lines[0], {**lines[1], "read": "two"}],
        lambda lines: [lines[0], {**lines[1], "untold": [[1, "soon"]]}],
        lambda lines: [lines[0], {**lines[1], "replaced": float("inf")}],
        lambda lines: [lines[0], [], "text"],
        lambda _lines: [7, 7],
        lambda _lines: [{}],
    ],
)
def test_a_journal_that_says_something_else_is_begun_anew(plant: Plant, damage: Any) -> None:
    stopped_walk(plant)
    journal = journal_of(plant)
    lines = [json.loads(line) for line in journal.read_text().splitlines()]
    journal.write_text("".join(json.dumps(line) + "\n" for line in damage(lines)))
    plant.extract("locations")
    assert plant.hostile.asked("/locations")[0].get("cursor") is None
    assert plant.ids("locations") == [1, 2, 3]


def test_an_old_spool_is_begun_anew(plant: Plant) -> None:
    stopped_walk(plant)
    journal = journal_of(plant)
    lines = [json.loads(line) for line in journal.read_text().splitlines()]
    lines[1]["read_at"] = (datetime.now(UTC).replace(tzinfo=None) - timedelta(days=8)).isoformat()
    journal.write_text("".join(json.dumps(line) + "\n" for line in lines))
    plant.extract("locations")
    assert plant.hostile.asked("/locations")[0].get("cursor") is None
    assert plant.ids("locations") == [1, 2, 3]


@pytest.mark.sampled
@pytest.mark.parametrize("status", [400, 403, 410, 500])
def test_a_resumed_cursor_that_is_refused_is_begun_anew(plant: Plant, status: int) -> None:
    stopped_walk(plant)

    def rule(request: Request) -> Answer | None:
        return Answer({"error": "no"}, status) if request.get("cursor") == "next" else None

    plant.hostile.rules["/locations"] = rule
    plant.extract("locations")
    assert plant.ids("locations") == [1, 2, 3]


def test_a_server_that_is_down_does_not_cost_what_was_read(plant: Plant) -> None:
    stopped_walk(plant)
    plant.hostile.rules["/locations"] = Answer({"error": "no"}, 503)
    plant.extract("locations", expect=1)
    del plant.hostile.rules["/locations"]
    plant.hostile.requests.clear()
    plant.extract("locations")
    assert plant.hostile.asked("/locations")[0].get("cursor") == "next"


def test_a_page_read_before_does_not_outrank_a_newer_state(plant: Plant) -> None:
    """A read stops, another loads a newer state, the first resumes."""
    plant.hostile.records["/parts"] = [order(1), order(2)]
    plant.extract("parts")
    old = [order(1, title="old", updatedAt="2026-03-02T00:00:00.000Z")]

    def rule(request: Request) -> Answer:
        if request.number == 1:
            return Answer(page(CATALOGUE["parts"], old, "next"))
        return Answer({"error": "no"}, 500)

    plant.hostile.rules["/parts"] = rule
    plant.hostile.requests.clear()
    plant.extract("parts", expect=1)
    del plant.hostile.rules["/parts"]
    plant.hostile.records["/parts"] = [
        order(1, title="new", updatedAt="2026-03-03T00:00:00.000Z"),
        order(2),
    ]
    plant.extract("parts", "--full", expect=None)
    assert plant.loaders.live("parts", 7)[1]["title"] == "new"
    # What MaintainX lists from now on no longer holds the part: only the spool does.
    plant.hostile.rules["/parts"] = Answer(page(CATALOGUE["parts"], []))
    plant.extract("parts", expect=None)
    assert plant.loaders.live("parts", 7)[1]["title"] == "new"
    assert doubled_rows(plant.loaders) == []


def test_rows_carry_the_time_at_which_their_page_was_read(plant: Plant) -> None:
    stopped_walk(plant)
    plant.hostile.rules["/locations"] = Answer(page(CATALOGUE["locations"], named(3)))
    read_by = datetime.now(UTC).replace(tzinfo=None)
    plant.extract("locations")
    times = plant.loaders.query(
        f"select id, _extracted_at < '{read_by}' from raw.locations order by id"
    )
    assert times == [(1, True), (2, True), (3, False)]


# Lists and keys that are refused


def test_a_list_that_could_be_read_and_is_refused_is_said(plant: Plant) -> None:
    plant.hostile.records["/teams"] = named(1)
    plant.hostile.rules["/parts"] = Answer({"error": "not on your plan"}, 403)
    plant.extract("teams", "users", "parts")
    plant.run("status")
    plant.hostile.rules["/teams"] = Answer({"error": "no"}, 403)
    for _ in range(2):
        plant.extract("teams", "users", "parts", expect=1)
        assert "could be read before" in plant.run("status", expect=1).stdout
    assert plant.ids("teams") == [1]


@pytest.mark.sampled
@pytest.mark.parametrize("organizations", ["", "8"])
def test_sync_ends_where_settings_are_wrong(plant: Plant, organizations: str) -> None:
    plant.loaders.env["MAINTAINX_ORGANIZATION_IDS"] = organizations
    if not organizations:
        plant.hostile.rules["/organizations"] = Answer({"error": "no"}, 401)
    plant.run("sync", *QUICK, expect=2)
