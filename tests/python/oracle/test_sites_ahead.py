"""Sites in time zones of their own, far from that of their organization, on the last evening of a
month that is also a Sunday: there the next day, week and month have begun, or not yet.

One organization has no estimate at all, parts that cost less than a cent, and purchase orders with
blank numbers."""

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from sandbox import Sandbox, build
from tests.python.conftest import Plant, make_plant
from tests.python.oracle.compare import differences, keyed
from tests.python.oracle.history import read as read_source
from tests.python.oracle.marts import MARTS, rows_of
from tests.python.oracle.organization import Organization
from tests.python.oracle.test_oracle import read
from tests.support.dbt_in_process import Said, as_of, invoke, parsed

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("sites_ahead")]

# In Chicago 14:00 of that Sunday, in Kiritimati 10:00 of Monday the 1st of March.
AS_OF = "2027-02-28T20:00:00Z"
# The plant stands still from here on, so the schedules of the weeks that follow are known.
READ_AT = datetime(2027, 2, 1, 12, tzinfo=UTC)
CREW_HOURS = 80.0
ZONES = ("Pacific/Kiritimati", "Pacific/Pago_Pago", "Asia/Kathmandu")


def dbt(plant: Plant, *arguments: str) -> Said:
    said = invoke(
        plant.loaders.warehouse,
        *arguments,
        *("--no-write-json", "--target-path", str(plant.target), "--log-path", str(plant.target)),
        *as_of(AS_OF),
        manifest=parsed(plant.target),
    )
    assert said.success, said.text
    return said


@pytest.fixture(scope="module")
def zones(plant: Plant) -> dict[int, dict[int, str]]:
    """Organization -> site -> its time zone, as the seed names it in the built warehouse. The crew
    of each of these sites has CREW_HOURS a week."""
    dbt(plant, "seed")
    found: dict[int, dict[int, str]] = {}
    with plant.loaders.writable() as connection:
        connection.execute(
            "update raw.work_orders set _extracted_at = ?", [READ_AT.replace(tzinfo=None)]
        )
    with plant.loaders.writable() as connection:
        for organization in plant.loaders.sandbox.organization_ids:
            held = Organization(plant.loaders.sandbox, organization)
            sites = sorted({order.site_id for order in held.orders if order.site_id})
            found[organization] = dict(zip(sites, ZONES, strict=False))
            connection.executemany(
                "insert into seeds.site_time_zones"
                " (organization_id, site_location_id, time_zone) values (?, ?, ?)",
                [[organization, *pair] for pair in found[organization].items()],
            )
            connection.executemany(
                "insert into seeds.crew_hours"
                " (organization_id, site_location_id, weekly_hours) values (?, ?, ?)",
                [[organization, site, CREW_HOURS] for site in found[organization]],
            )
    dbt(plant, "run")
    return found


@pytest.fixture(scope="module")
def plant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plant]:
    dataset = build(2000)
    *_, last = dataset.records.values()
    for order in last["work_orders"]:
        order["estimatedTime"] = None
    for number, purchase in enumerate(last["purchase_orders"]):
        purchase["overrideNumber"] = ("", "  ", "A1")[number % 3]
        for item in purchase["items"]:
            total = f"{Decimal('0.0123') * item['quantityOrdered']:.6f}"
            item |= {"unitCost": 1, "unitCostDecimal": "0.012300"}
            item |= {"price": item["quantityOrdered"], "priceDecimal": total}
    yield from make_plant(Sandbox(dataset), tmp_path_factory.mktemp("sites_ahead"))


@pytest.mark.parametrize("name", MARTS)
def test_every_day_is_held_against_the_today_of_its_site(
    name: str, plant: Plant, zones: dict[int, dict[int, str]]
) -> None:
    assert any(zones.values())
    readings = [read_source(plant.loaders.sandbox, READ_AT)]
    held = [
        Organization(
            plant.loaders.sandbox,
            organization,
            AS_OF,
            of_sites,
            dict.fromkeys(of_sites, CREW_HOURS),
            readings=readings,
        )
        for organization, of_sites in zones.items()
    ]
    oracle = keyed(rows_of(name, held), ("organization_id", *MARTS[name].key))
    found = differences(read(plant, name), oracle)
    assert not found, "\n".join([f"{len(found)} differences in {name}", *found[:20]])


def test_no_ratio_exceeds_one_and_no_row_lies_after_as_of(
    plant: Plant, zones: dict[int, Any]
) -> None:
    assert zones
    tests = (
        "ratios_beyond_one",
        "rows_after_as_of",
        "labels_unlike_their_dimensions",
        "workload_unlike_the_orders",
    )
    dbt(plant, "test", "--select", *tests)
