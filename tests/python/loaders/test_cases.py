"""Cases from the field, each a MaintainX of files, through extract and build.

The folder of the cases is beside the checkout. Without it these tests are skipped, and others hold
the same: of 01 and 02 test_hostile, of 03 and 05 oracle/test_sites_ahead, of 04 test_raw_file, of
06 test_incremental.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from sandbox import Sandbox
from tests.python.conftest import Plant
from tests.python.loaders.conftest import ROOT, RUNS_DBT, Loaders
from tests.python.loaders.test_raw_file import damage_the_wal
from tests.support.served import free_port, served

CASES = ROOT.parent / "shared" / "cases"
AS_OF = "2026-12-01T06:00:00Z"  # after all that the cases say

pytestmark = [
    RUNS_DBT,
    pytest.mark.slow,
    pytest.mark.skipif(not CASES.exists(), reason="the folder of the cases is not here"),
]


@contextmanager
def serving(case: str, sandbox: Sandbox, folder: Path) -> Iterator[Loaders]:
    """The files of a case as a MaintainX, and loaders of the warehouse in `folder`."""
    port = free_port()
    url = f"http://127.0.0.1:{port}/v1"
    command = [sys.executable, str(CASES / "serve.py"), str(CASES / case), str(port)]
    with served(command, url, folder / "served.log"):
        yield Loaders(sandbox, url, folder / "warehouse.duckdb")


def build(loaders: Loaders, *marts: str) -> None:
    """The marts and what they read, from the seeds that the warehouse holds."""
    plant = Plant(loaders, loaders.warehouse.parent)
    select = ("--select", *(f"+{mart}" for mart in marts))
    said = plant.dbt("run", "--no-write-json", *select, moment=AS_OF)
    assert said.success, said.text


def seed(loaders: Loaders) -> None:
    said = Plant(loaders, loaders.warehouse.parent).dbt("seed", "--no-write-json")
    assert said.success, said.text


def test_half_an_emoji_costs_no_record(sandbox: Sandbox, tmp_path: Path) -> None:
    with serving("01_half_an_emoji", sandbox, tmp_path) as loaders:
        err = loaders.extract().stderr
    assert "work_orders: text of 1 record(s) is not valid Unicode" in err
    assert "purchase_orders: text of 1 record(s) is not valid Unicode" in err
    seed(loaders)
    build(loaders, "fct_work_orders", "fct_purchase_orders")
    titles = loaders.query("select work_order_id, title from marts.fct_work_orders order by all")
    assert [number for number, _ in titles] == [1001, 1002]
    assert titles[0][1] == "Pump broken \ufffd"
    assert loaders.query("select purchase_order_id from marts.fct_purchase_orders") == [(2001,)]
    assert loaders.rows("_rejects") == 0


def test_an_endless_list_fails_alone_and_is_begun_anew(sandbox: Sandbox, tmp_path: Path) -> None:
    with serving("02_endless_list", sandbox, tmp_path) as loaders:
        for _ in range(2):
            assert "locations: the listing never ends" in loaders.extract(expect=1).stderr
    assert loaders.query("select id from raw.work_orders") == [(1001,)]
    assert loaders.rows("locations") == 0
    walks = "select state from raw._run_resources where resource = 'locations'"
    assert loaders.query(walks) == [("failed",), ("failed",)]


def test_orders_without_estimates_are_not_zero_weeks(sandbox: Sandbox, tmp_path: Path) -> None:
    with serving("03_no_estimates", sandbox, tmp_path) as loaders:
        loaders.extract()
    seed(loaders)
    with loaders.writable() as connection:
        crew = CASES / "03_no_estimates" / "crew_hours.csv"
        connection.execute(f"insert into seeds.crew_hours by name from read_csv('{crew}')")
    build(loaders, "mart_backlog_weekly")
    newest = loaders.query(
        "select backlog_orders, backlog_hours, backlog_weeks, crew_hours, estimate_coverage"
        " from marts.mart_backlog_weekly order by week_start_on desc limit 1"
    )
    assert newest == [(10, None, None, 40, 0)]


def test_a_damaged_wal_is_moved_aside(sandbox: Sandbox, tmp_path: Path) -> None:
    """damage.py of the case writes to the schema `raw`, which a raw file does not have."""
    with serving("04_damaged_wal", sandbox, tmp_path) as loaders:
        loaders.extract()
        rows = loaders.rows("organizations")
        damage_the_wal(loaders.raw)
        wal = Path(f"{loaders.raw}.wal")
        assert f"move {wal} to another folder" in loaders.extract(expect=1).stderr
        wal.rename(tmp_path / "aside")
        loaders.extract()
    assert loaders.rows("organizations") == rows == 1
    assert loaders.rows("_runs") == 2


def test_a_blank_number_gives_way_to_the_automatic_one(sandbox: Sandbox, tmp_path: Path) -> None:
    with serving("05_blank_order_number", sandbox, tmp_path) as loaders:
        loaders.extract()
    seed(loaders)
    build(loaders, "fct_purchase_orders")
    numbers = "select purchase_order_number from marts.fct_purchase_orders order by all"
    assert loaders.query(numbers) == [("77",), ("78",), ("A1",)]


def test_late_hours_arrive_without_a_full_refresh(sandbox: Sandbox, tmp_path: Path) -> None:
    with serving("06_late_hours/before", sandbox, tmp_path) as loaders:
        loaders.extract()
    with serving("06_late_hours/after", sandbox, tmp_path) as loaders:
        loaders.extract("--sweep", "--labour-interval", "0s", "--old-labour-interval", "0s")
    seed(loaders)
    build(loaders, "fct_work_orders")
    assert loaders.query(
        "select work_order_id, json_array_length(payload->'timeItems'), logged_hours"
        " from marts.fct_work_orders inner join raw.work_orders on id = work_order_id"
        " where work_order_id = 1001 order by _extracted_at desc limit 1"
    ) == [(1001, 2, 6)]
