"""Six weeks in which extracts see a plant change: what only the history of a record can tell."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest

from sandbox import Sandbox, build
from tests.python.conftest import Plant, make_plant
from tests.python.oracle.clock import HOUR, instant
from tests.python.oracle.compare import differences, keyed
from tests.python.oracle.history import Reading
from tests.python.oracle.history import read as read_source
from tests.python.oracle.marts import MARTS, rows_of
from tests.python.oracle.organization import Organization
from tests.python.oracle.test_oracle import read
from tests.support.dbt_in_process import invoke, parsed

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("history")]

AS_OF = "2026-08-12T15:00:00Z"
# Each mart with a column that only history fills.
TOLD_BY_HISTORY = {
    "fct_work_order_sla": "hold_hours",
    "mart_schedule_compliance_weekly": "done_orders",
    "mart_asset_reliability_monthly": "running_failures_12m",
    "mart_vendor_delivery": "mean_lead_days",
    "mart_part_delivery": "on_time_lines",
}
BETWEEN_EXTRACTS = timedelta(hours=90)
CHANGES = 60


@dataclass
class Story:
    """A plant and its changes between two extracts."""

    sandbox: Sandbox
    draw: random.Random
    since: datetime
    until: datetime

    def moment(self) -> str:
        """Some moment between the two extracts, to the second."""
        seconds = int((self.until - self.since).total_seconds())
        return text(self.since + timedelta(seconds=self.draw.randrange(1, seconds)))

    def later(self, days: float) -> str:
        return text(self.until + timedelta(days=self.draw.uniform(-3, days)))

    def go_on(self) -> None:
        for organization in self.sandbox.organization_ids:
            self._change_orders(organization)
            self._read_meters(organization)
            self._receive(organization)

    def _change_orders(self, organization: int) -> None:
        held = self.sandbox.live("work_orders", organization)
        for order in self.draw.sample(held, min(len(held), CHANGES)):
            now = self.moment()
            status = self.draw.choice(
                ("OPEN", "IN_PROGRESS", "ON_HOLD", "ON_HOLD", "DONE", "CANCELED", "SKIPPED")
            )
            fields: dict[str, Any] = {"status": status, "updatedAt": now}
            if status == "DONE":
                fields["completedAt"] = now
            if self.draw.random() < 0.5:
                fields["startDate"] = self.later(12)
            self.sandbox.update("work_orders", order["id"], **fields)
        for _ in range(CHANGES // 2):
            created, updated = sorted((self.moment(), self.moment()))
            self.sandbox.insert(
                "work_orders",
                {
                    "status": self.draw.choice(("OPEN", "OPEN", "IN_PROGRESS")),
                    "completedAt": None,
                    "createdAt": created,
                    "updatedAt": updated,
                    "startDate": self.later(12) if self.draw.random() < 0.7 else None,
                    "locationId": self.draw.choice(held).get("locationId"),
                    "type": self.draw.choice(("REACTIVE", "PREVENTIVE")),
                },
                organization,
            )

    def _read_meters(self, organization: int) -> None:
        for meter in self.sandbox.live("meters", organization):
            former = meter.get("lastReading")
            if meter["unit"] != "h" or not former or not meter["assetId"]:
                continue
            now = self.moment()
            stopped, mended = sorted((self.moment(), self.moment()))
            self.sandbox.insert(
                "asset_statuses",
                {
                    "assetId": meter["assetId"],
                    "status": "OFFLINE",
                    "downtimeType": "UNPLANNED",
                    "startedAt": stopped,
                    "endedAt": mended,
                    "deletedAt": None,
                },
                organization,
            )
            gone_by = (self.until - self.since) / HOUR
            value = former["value"] + self.draw.choice((0.2, 0.5, 1.5)) * gone_by
            if self.draw.random() < 0.15:
                value = 3.0
            self.sandbox.update(
                "meters",
                meter["id"],
                updatedAt=now,
                lastReading={
                    **former,
                    "id": f"{former['id']}+",
                    "readingDate": now,
                    "createdAt": now,
                    "value": round(value, 2),
                },
            )

    def _receive(self, organization: int) -> None:
        held = self.sandbox.live("purchase_orders", organization)
        for purchase in held:
            if self.draw.random() < 0.6 or purchase["status"] in ("DECLINED", "CANCELED"):
                continue
            items = [
                {**item, "quantityReceived": self.draw.choice((0.5, 1, 1, 1, 1.5)) * ordered}
                if (ordered := item.get("quantityOrdered"))
                else item
                for item in purchase["items"]
            ]
            self.sandbox.update(
                "purchase_orders",
                purchase["id"],
                updatedAt=self.moment(),
                status=self.draw.choice(("APPROVED", "PARTIALLY_FULFILLED", "COMPLETED")),
                items=items,
            )
        for purchase in self.draw.sample(held, 4):
            created = self.moment()
            self.sandbox.insert(
                "purchase_orders",
                {
                    "status": "APPROVED",
                    "vendorId": purchase["vendorId"],
                    "createdAt": created,
                    "updatedAt": created,
                    "approvalDate": self.later(2) if self.draw.random() < 0.7 else None,
                    "dueDate": self.later(14) if self.draw.random() < 0.7 else None,
                    "items": [{**item, "quantityReceived": 0} for item in purchase["items"]],
                },
                organization,
            )


def text(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


@pytest.fixture(scope="module")
def plant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plant]:
    yield from make_plant(Sandbox(build(400)), tmp_path_factory.mktemp("history"))


@pytest.fixture(scope="module")
def readings(plant: Plant) -> list[Reading]:
    """What each extract saw. The log says that an extract read at the end of its stretch."""
    sandbox, draw = plant.loaders.sandbox, random.Random(11)
    read_at, as_of = instant(sandbox.now), instant(AS_OF)
    assert read_at
    assert as_of
    found: list[Reading] = []
    while read_at < as_of - HOUR:
        if found:
            until = min(read_at + BETWEEN_EXTRACTS, as_of - HOUR)
            Story(sandbox, draw, read_at, until).go_on()
            plant.loaders.extract("-q")
            read_at = until
        found.append(read_source(sandbox, read_at))
        with plant.loaders.writable() as connection:
            for name in ("work_orders", "purchase_orders", "meters"):
                connection.execute(
                    f"update raw.{name} set _extracted_at = $read_at where _extracted_at > $as_of",
                    {"read_at": read_at.replace(tzinfo=None), "as_of": as_of.replace(tzinfo=None)},
                )
    said = invoke(
        plant.loaders.warehouse,
        *("build", "--no-write-json", "--resource-type", "model", "--resource-type", "seed"),
        *("--select", *(f"+{name}" for name in TOLD_BY_HISTORY)),
        *("--target-path", str(plant.target), "--log-path", str(plant.target)),
        *("--vars", f"{{as_of: '{AS_OF}'}}"),
        manifest=parsed(plant.target),
    )
    assert said.success, said.text
    return found


@pytest.mark.parametrize("name", TOLD_BY_HISTORY)
def test_the_mart_says_what_the_oracle_says(
    name: str, plant: Plant, readings: list[Reading]
) -> None:
    held = [
        Organization(plant.loaders.sandbox, each, AS_OF, readings=readings)
        for each in plant.loaders.sandbox.organization_ids
    ]
    oracle = keyed(rows_of(name, held), ("organization_id", *MARTS[name].key))
    assert any(row[TOLD_BY_HISTORY[name]] for row in oracle.values())
    found = differences(read(plant, name), oracle)
    assert not found, "\n".join([f"{len(found)} differences in {name}", *found[:20]])
