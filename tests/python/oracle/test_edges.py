"""Check the oracle's own rules on cases computed by hand."""

from datetime import date
from typing import Any

import pytest

from tests.python.oracle.clock import Calendar, hours, instant, months_later
from tests.python.oracle.downtime import cleaned, failures
from tests.python.oracle.history import Version, changes
from tests.python.oracle.organization import Order
from tests.python.oracle.work import bucket

AS_OF = instant("2026-06-30T06:00:00Z")
assert AS_OF
TIMES = {"createdAt": "2026-06-01T08:00:00Z", "updatedAt": "2026-06-20T08:00:00Z"}


def calendar(zone: str = "Europe/Berlin") -> Calendar:
    assert AS_OF
    return Calendar(zone, AS_OF)


def order(**record: Any) -> Order:
    held = {"id": 1, "status": "OPEN", **TIMES, **record}
    return Order(held, calendar(), 0, None, "", 0, None, [], "", [])


def version(**record: Any) -> Version:
    held = {"status": "OPEN", **TIMES, **record}
    began_at = instant(held["updatedAt"])
    assert began_at
    return Version(held, began_at, began_at)


@pytest.mark.parametrize(
    ("day", "length"),
    [
        (date(2026, 3, 28), 24),
        (date(2026, 3, 29), 23),
        (date(2025, 10, 26), 25),
        (date(2026, 6, 30), 8),
    ],
)
def test_days_are_as_long_as_clocks_make_them(day: date, length: int) -> None:
    assert calendar().length(day) == length


def test_a_year_back_keeps_to_the_month() -> None:
    assert months_later(date(2024, 2, 29), -12) == date(2023, 2, 28)
    assert calendar().is_in_last_year(date(2025, 7, 1))
    assert not calendar().is_in_last_year(date(2025, 6, 30))


def test_a_full_day_due_date_ends_with_its_local_day() -> None:
    due = order(dueDate="2026-06-29T22:00:00Z", dueDateIsFullDay=True)
    assert due.due_on == date(2026, 6, 30)
    assert not due.is_overdue
    assert order(dueDate="2026-06-29T22:00:00Z").is_overdue
    assert not order(dueDate="2026-06-29T22:00:00Z", startDate="2026-07-01T00:00:00Z").is_overdue


@pytest.mark.parametrize(
    ("record", "statuses"),
    [
        ({}, ["OPEN"]),
        ({"status": "DONE", "completedAt": "2026-06-02T08:00:00Z"}, ["OPEN", "DONE"]),
        ({"status": "DONE"}, ["OPEN", "DONE"]),
        ({"status": "ON_HOLD", "completedAt": "2026-06-02T08:00:00Z"}, ["OPEN", "DONE", "ON_HOLD"]),
        ({"status": "DONE", "completedAt": "2026-05-02T08:00:00Z"}, ["OPEN", "DONE"]),
        ({"status": "SKIPPED"}, ["OPEN", "SKIPPED"]),
    ],
)
def test_what_an_order_went_through(record: dict[str, Any], statuses: list[str]) -> None:
    found = changes([version(**record)])
    assert [change.status for change in found] == statuses
    told = "2026-06-02T08:00:00Z" if record.get("completedAt", "").startswith("2026-06") else None
    if len(found) > 1:
        assert found[1].happened_at == instant(told or "2026-06-20T08:00:00Z")
    assert not any(change.is_seen for change in found)


def test_overlapping_downtime_counts_once() -> None:
    def status(kind: str | None, started: int, ended: int | None, offline: bool = True) -> Any:
        return {
            "status": "OFFLINE" if offline else "IGNORE",
            "downtimeType": kind,
            "startedAt": f"2026-06-29T{started:02}:00:00Z",
            "endedAt": ended and f"2026-06-29T{ended:02}:00:00Z",
        }

    assert AS_OF
    found = cleaned(
        [
            status("PLANNED", 1, 5),
            status("UNPLANNED", 3, 8),
            status(None, 9, 11, offline=False),
            status("UNPLANNED", 8, 12),
            status(None, 20, None),
            status("PLANNED", 7, 7),
        ],
        AS_OF,
    )
    assert [(each.downtime_class, hours(each.ended_at - each.started_at)) for each in found] == [
        ("planned", 2),
        ("unplanned", 6),
        ("ignored", 2),
        ("unplanned", 1),
        ("unclassified", 10),
    ]
    assert [each.is_open for each in found] == [False, False, False, False, True]
    assert [len(stop) for stop in failures(found)] == [2]


def test_ages_fall_into_buckets() -> None:
    assert [bucket(days) for days in (0, 7, 8, 30, 31, 90, 91, 180, 181)] == [
        "0-7",
        "0-7",
        "8-30",
        "8-30",
        "31-90",
        "31-90",
        "91-180",
        "91-180",
        "over 180",
    ]
