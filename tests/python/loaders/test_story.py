"""The history of an order that was changed ten times between extracts is exactly the story."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from sandbox import Sandbox, serve, small
from tests.python.conftest import Plant
from tests.python.loaders.conftest import Loaders

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("story")]

KINDS = ("status_changes", "field_changes", "deletions")
USER, LABOUR = {"type": "USER", "id": 7}, {"type": "TIME", "quantity": 1, "durationTotal": 3600}


def now() -> datetime:
    """The time, in UTC and to the millisecond, as MaintainX writes it."""
    moment = datetime.now(UTC).replace(tzinfo=None)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def iso(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds") + "Z"


class Story:
    """One order and what is done to it. told: the moment that MaintainX gave of each version."""

    def __init__(self, loaders: Loaders) -> None:
        self.loaders = loaders
        self.told = [now()]
        self.number = loaders.sandbox.insert(
            "work_orders",
            {
                "title": "Pump leaks",
                "status": "OPEN",
                "priority": "LOW",
                "assignees": [],
                "timeItems": [],
                "expenditures": [],
                "dueDate": None,
                "completedAt": None,
                "createdAt": iso(self.told[0]),
                "updatedAt": iso(self.told[0]),
            },
        )
        self.extract()

    def extract(self, *options: str) -> None:
        self.loaders.extract("work_orders", "-q", *options)

    def change(self, **fields: Any) -> None:
        """Change fields at this moment, which then is the order's `updatedAt`."""
        self.told.append(now())
        stamp = iso(self.told[-1])
        self.loaders.sandbox.update("work_orders", self.number, updatedAt=stamp, **fields)

    def rows(self, table: str, columns: str, order: str) -> list[tuple[Any, ...]]:
        return self.loaders.query(
            f"select {columns} from {table} where work_order_id = {self.number} order by {order}"
        )


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    folder: Path = tmp_path_factory.mktemp("story")
    yesterday = iso(now() - timedelta(days=1))
    sandbox = Sandbox(small(now=yesterday))
    with serve(sandbox) as url:
        story = Story(Loaders(sandbox, url, folder / "warehouse.duckdb"))
        story.change(status="IN_PROGRESS")
        story.extract()
        story.change(assignees=[USER])
        story.extract()
        story.change(priority="HIGH")
        story.extract()
        story.change(dueDate="2031-05-06T07:08:09.000Z")
        story.extract()
        sandbox.update("work_orders", story.number, touch=False, timeItems=[LABOUR])
        story.extract("--labour-interval", "0s")
        story.change(status="DONE", completedAt=iso(now()))
        story.extract()
        story.change(status="OPEN")
        story.extract()
        sandbox.delete("work_orders", story.number)
        story.extract("--sweep")
        sandbox.restore("work_orders", story.number, touch=False)
        story.change()
        story.extract()
        story.change(title="Pump is taken apart", status="IN_PROGRESS", priority="MEDIUM")
        story.told.pop()
        story.change(title="Pump leaks again", status="ON_HOLD", priority=None)
        story.extract()
        marts = [f"+fct_work_order_{name}" for name in KINDS]
        plant = Plant(story.loaders, folder)
        chosen = ("--indirect-selection", "empty", "--select", *marts)
        said = plant.dbt("build", *chosen, moment=iso(now()))
        assert said.success, said.text
        yield story


@pytest.fixture(scope="module")
def landed(story: Story) -> list[datetime]:
    """When each version was loaded."""
    rows = story.loaders.query(
        f"select _extracted_at from raw.work_orders where id = {story.number} order by 1"
    )
    return [row[0] for row in rows]


@pytest.fixture(scope="module")
def begun(story: Story, landed: list[datetime]) -> list[datetime]:
    """When each version began: labour and deletions when they were seen, all else as told."""
    told = story.told
    return [*told[:5], landed[5], *told[5:7], landed[8], *told[7:]]


def test_its_versions(story: Story, landed: list[datetime], begun: list[datetime]) -> None:
    assert len(landed) == len(begun) == 11
    changed = [
        "",
        "status",
        "assignees",
        "priority",
        "due_at",
        "time_items",
        "status; completed_at",
        "status",
        "is_deleted",
        "is_deleted",
        "title; status; priority",
    ]
    assert story.rows(
        "intermediate.int_work_orders__versions",
        "version_number, valid_from, valid_to, is_current, is_deleted, changed_fields,"
        " extracted_at",
        "version_number",
    ) == [
        (at + 1, begun[at], [*begun, None][at + 1], at == 10, at == 8, changed[at], landed[at])
        for at in range(11)
    ]


def test_its_changes_of_status(story: Story, begun: list[datetime]) -> None:
    completed = story.rows("staging.stg_maintainx__work_orders", "completed_at", "1")[0][0]
    assert begun[5] < completed <= begun[6]
    expected = [
        (None, "OPEN", "reconstructed", False, begun[0]),
        ("OPEN", "IN_PROGRESS", "observed", False, begun[1]),
        ("IN_PROGRESS", "DONE", "observed", False, completed),
        ("DONE", "OPEN", "observed", True, begun[7]),
        ("OPEN", "ON_HOLD", "observed", False, begun[10]),
    ]
    found = story.rows(
        "marts.fct_work_order_status_changes",
        "from_source_status, to_source_status, evidence, is_reopening, changed_at,"
        " hours_in_former_status",
        "change_number",
    )
    assert [row[:5] for row in found] == expected
    moments = [row[4] for row in expected]
    hours = [(later - former).total_seconds() / 3600 for former, later in pairwise(moments)]
    assert found[0][5] is None
    assert [row[5] for row in found[1:]] == pytest.approx(hours)


def test_its_audit_trail(story: Story, begun: list[datetime]) -> None:
    completed = story.rows("staging.stg_maintainx__work_orders", "completed_at", "1")[0][0]

    def text(value: object) -> str:
        return json.dumps(value, separators=(",", ":"))

    expected = {
        (2, "status", "OPEN", "IN_PROGRESS"),
        (3, "assignees", "[]", text([USER])),
        (4, "priority", "LOW", "HIGH"),
        (5, "due_at", None, "2031-05-06 07:08:09"),
        (6, "time_items", "[]", text([LABOUR])),
        (7, "status", "IN_PROGRESS", "DONE"),
        (7, "completed_at", None, str(completed).rstrip("0")),
        (8, "status", "DONE", "OPEN"),
        (9, "is_deleted", "false", "true"),
        (10, "is_deleted", "true", "false"),
        (11, "title", "Pump leaks", "Pump leaks again"),
        (11, "status", "OPEN", "ON_HOLD"),
        (11, "priority", "HIGH", None),
    }
    found = story.rows(
        "marts.fct_work_order_field_changes",
        "version_number, field, old_value, new_value, changed_at",
        "version_number",
    )
    assert {row[:4] for row in found} == expected
    assert [row[4] for row in found] == [begun[row[0] - 1] for row in found]


def test_its_deletion(story: Story, landed: list[datetime], begun: list[datetime]) -> None:
    assert story.rows(
        "marts.fct_work_order_deletions",
        "deletion_number, version_number, deletion_kind, title, source_status,"
        " is_still_deleted, noticed_at, returned_at",
        "deletion_number",
    ) == [(1, 9, "vanished", "Pump leaks", "OPEN", False, landed[8], begun[9])]
