"""The warehouse against the live source: what differs is found, named, mended, and nothing else."""

import random
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from loaders.maintainx.catalogue import CATALOGUE
from sandbox import Sandbox, build, serve
from tests.python.conftest import Plant
from tests.python.loaders.conftest import RUNS_DBT, Loaders, differences
from tests.support.planted import EVERY, KINDS, ORDERS, fill

pytestmark = RUNS_DBT

PLANTED = 30


@pytest.fixture
def plant(tmp_path: Path) -> Iterator[Loaders]:
    sandbox = Sandbox(build(1000))
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


@pytest.mark.slow
def test_what_differs_is_found_exactly_and_mended_once(plant: Loaders) -> None:
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
    runs = plant.query("select count(*) from raw._runs")
    so_far = len(sandbox.requests)
    process = plant.run("reconcile", "--mend", "-q")
    assert "missing there" in process.stdout
    compared = "select sum(records), sum(matches) from quality.rec_summary"
    records, matches = plant.query(compared)[0]
    assert records == matches > 1000
    asked = sandbox.requests[so_far:]
    assert len(asked) > len(CATALOGUE)
    assert [one.path for one in asked if re.search(r"/\d+$", one.path)] == []
    assert plant.query("select count(*) from raw._runs") == runs


@pytest.mark.slow
def test_a_list_that_cannot_be_read_is_named_and_a_deleted_stub_matches(plant: Loaders) -> None:
    """The listing of purchase orders has no `deletedAt`, the detail has: reconcile does not call a
    deleted one that is still listed missing."""
    sandbox = plant.sandbox
    number = sandbox.listed("purchase_orders", sandbox.organization_ids[0])[0]["id"]
    sandbox.update("purchase_orders", number, deletedAt=sandbox.now)
    plant.extract("-q")
    deleted = "select count(*) from raw.purchase_orders where payload->>'deletedAt' is not null"
    assert plant.query(f"{deleted} and id = {number}") == [(1,)]
    sandbox.forbidden = {"parts"}
    process = plant.run("reconcile", "-q", expect=1)
    line = next(line for line in process.stdout.splitlines() if line.startswith("parts"))
    assert line.endswith("failed")
    assert (
        plant.query(
            "select resource from quality.rec_records where result != 'match' group by resource"
        )
        == []
    )
    found_results = f"select result from quality.rec_records where record_id = {number}"
    assert plant.query(f"{found_results} and resource = 'purchase_orders'") == [("match",)]


@pytest.mark.slow
def test_of_100_000_orders_exactly_the_500_of_each_kind_are_found(
    tmp_path: Path, sandbox: Sandbox
) -> None:
    loaders = Loaders(sandbox, "", tmp_path / "warehouse.duckdb")
    fill(loaders.warehouse)
    said = Plant(loaders, tmp_path).dbt("run", "--select", "+rec_summary")
    assert said.success, said.text
    numbers = range(1, ORDERS + 1)
    planted = {
        kind: {number for number in numbers if number % EVERY == rest}
        for rest, kind in KINDS.items()
    }
    assert {len(found) for found in planted.values()} == {500}
    results = found(loaders)
    matching = results.pop("match")
    assert results == planted
    assert matching == set(numbers) - set().union(*planted.values())
    fields = "select field, count(*) from quality.rec_work_orders where result = 'mismatch'"
    assert loaders.query(f"{fields} group by field order by field") == [
        ("priority", 250),
        ("title", 250),
    ]
    columns = "matches, mismatches, missing_in_warehouse, missing_in_source, newer_at_source"
    assert loaders.query(
        f"select records, {columns} from quality.rec_summary where resource = 'work_orders'"
    ) == [(ORDERS, ORDERS - 2000, 500, 500, 500, 500)]
