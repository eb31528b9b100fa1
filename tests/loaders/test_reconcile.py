"""The warehouse against the live source: what differs is found, named, mended, and nothing else."""

import random
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from loaders.sandbox import Sandbox, build, serve
from tests.loaders.conftest import Loaders, differences

pytestmark = pytest.mark.xdist_group("reconcile")

PLANTED = 30


@pytest.fixture
def plant(tmp_path: Path) -> Iterator[Loaders]:
    sandbox = Sandbox(build(3000))
    with serve(sandbox) as url:
        loaders = Loaders(sandbox, url, tmp_path / "warehouse.duckdb")
        loaders.extract("-q")
        yield loaders


def found(loaders: Loaders) -> dict[str, set[int]]:
    rows = loaders.query("select distinct result, work_order_id from quality.rec_work_orders")
    results: dict[str, set[int]] = {}
    for result, number in rows:
        results.setdefault(result, set()).add(number)
    return results


def test_a_matching_warehouse_matches_and_mending_it_reads_nothing_more(plant: Loaders) -> None:
    process = plant.run("reconcile", "--mend", "-q")
    asked = [request for request in plant.sandbox.requests if request.path != "/organizations"]
    records = sum(one["records"] for one in summary(plant))
    assert records == sum(one["matches"] for one in summary(plant)) > 3000
    assert "missing there" in process.stdout
    details = [one.path for one in asked if re.search(r"/\d+$", one.path)]
    purchase_orders = plant.rows("purchase_orders")
    assert len(details) <= purchase_orders + 10, "only the first extract asked for details"
    assert plant.query("select count(*) from raw._runs") == [(1,)]


def summary(loaders: Loaders) -> list[dict[str, int]]:
    rows = loaders.query("select records, matches from quality.rec_summary")
    return [{"records": row[0], "matches": row[1]} for row in rows]


def test_what_differs_is_found_exactly_and_mended(plant: Loaders) -> None:
    sandbox = plant.sandbox
    organization = sandbox.organization_ids[0]
    draw = random.Random(3)
    numbers = [order["id"] for order in sandbox.listed("work_orders", organization)]
    drawn = draw.sample(numbers, 4 * PLANTED)
    changed, newer, hidden, gone = (drawn[at::4] for at in range(4))
    for number in changed:
        sandbox.update("work_orders", number, touch=False, title="Changed behind our back")
    for number in newer:
        sandbox.update("work_orders", number, priority="HIGH", title="Changed since")
    for number in gone:
        sandbox.delete("work_orders", number)
    delete = f"delete from raw.work_orders where id in ({','.join(map(str, hidden))})"
    with plant.writable() as connection:
        connection.execute(delete)
    team = sandbox.listed("teams", organization)[0]["id"]
    sandbox.delete("teams", team)
    plant.run("reconcile", "-q", expect=1)
    results = found(plant)
    assert results["mismatch"] == set(changed)
    assert results["newer_at_source"] == set(newer)
    assert results["missing_in_warehouse"] == set(hidden)
    assert results["missing_in_source"] == set(gone)
    fields = plant.query(
        "select distinct field, source_value from quality.rec_work_orders where result = 'mismatch'"
    )
    assert fields == [("title", "Changed behind our back")]
    assert plant.query(
        "select record_id from quality.rec_records where result = 'missing_in_source'"
    ) == [(team,)]
    plant.run("reconcile", "--mend", "-q")
    assert set(found(plant)) == {"match"}
    assert differences(plant) == {}


def test_a_list_that_cannot_be_read_is_named(plant: Loaders) -> None:
    plant.sandbox.forbidden = {"parts"}
    process = plant.run("reconcile", "parts", "teams", "-q")
    line = next(line for line in process.stdout.splitlines() if line.startswith("parts"))
    assert line.endswith("forbidden")
