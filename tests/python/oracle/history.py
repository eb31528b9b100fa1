"""What readings of the source show of a record: its versions, and the changes of its status."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sandbox import Sandbox
from tests.python.oracle.clock import instant

Record = dict[str, Any]
LISTS = ("work_orders", "purchase_orders", "meters")
NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Reading:
    """All records at one moment: (list, organization) -> id -> record."""

    read_at: datetime
    records: dict[tuple[str, int], dict[int, Record]]


@dataclass(frozen=True)
class Version:
    """A state of a record. began_at: its updatedAt."""

    record: Record
    began_at: datetime
    read_at: datetime


@dataclass(frozen=True)
class Change:
    """A status that was taken. is_seen: two readings saw the two statuses."""

    happened_at: datetime
    status: str
    is_seen: bool


def read(sandbox: Sandbox, read_at: datetime = NEVER) -> Reading:
    """The source as it is now. By default it counts as read after every as-of time."""
    return Reading(
        read_at,
        {
            (name, organization): {
                record["id"]: record for record in sandbox.live(name, organization)
            }
            for name in LISTS
            for organization in sandbox.organization_ids
        },
    )


def versions(
    readings: Sequence[Reading], name: str, organization_id: int
) -> dict[int, list[Version]]:
    """The versions of each record of a list, oldest first."""
    found: dict[int, list[Version]] = {}
    for reading in readings:
        for key, record in reading.records[name, organization_id].items():
            told = found.setdefault(key, [])
            if told and told[-1].record == record:
                continue
            began_at = instant(record["updatedAt"])
            assert began_at
            told.append(Version(record, began_at, reading.read_at))
    return found


def changes(told: Sequence[Version]) -> list[Change]:
    """The statuses that a work order took, as far as its versions show: it began open, a completion
    has a time, and a version took its status when it began at the latest."""
    created = instant(told[0].record["createdAt"])
    assert created
    events = [Change(created, "OPEN", False)]
    former_end, former_began = None, created
    for number, version in enumerate(told):
        status, end = str(version.record["status"]), instant(version.record.get("completedAt"))
        if end and end != former_end and former_began <= end <= version.began_at:
            events.append(Change(end, "DONE", number > 0 and status == "DONE"))
        events.append(Change(version.began_at, status, number > 0))
        former_end, former_began = end, version.began_at
    kept = events[:1]
    for event in events[1:]:
        if event.status != kept[-1].status:
            kept.append(event)
    return kept


def passed(
    told: Sequence[Version], test: Callable[[Record], bool]
) -> tuple[datetime, bool] | tuple[None, bool]:
    """Since when a record has passed a test, and whether a version before did not; None where it
    does not pass now."""
    began_at, is_seen = None, False
    for version in told:
        if not test(version.record):
            began_at, is_seen = None, True
        elif began_at is None:
            began_at = version.began_at
    return (began_at, is_seen) if began_at else (None, False)
