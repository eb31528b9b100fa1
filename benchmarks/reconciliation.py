"""`make bench`: compare a reconciliation with the least SQL that finds its ids, in the same run."""

import json
import statistics
import tempfile
import threading
import time
from pathlib import Path

import click

from loaders.dbt import dbt
from loaders.warehouse.file import reading
from tests.support.planted import ORDERS, fill

# The minimum of any comparison: find the ids that only one side has.
IDS = """
select count(*)
from (select distinct id from raw.work_orders) as held
full join (select id from raw._source_manifest where resource = 'work_orders') as sent using (id)
where held.id is null or sent.id is null
"""


def measure(folder: Path, runs: int) -> None:
    """Print the medians of both."""
    warehouse, target = folder / "reconciliation.duckdb", folder / "target"
    fill(warehouse)
    seconds: dict[str, list[float]] = {"floor": [], "comparison": []}
    place = ["--target-path", str(target), "--log-path", str(folder / "logs")]
    for _ in range(runs):
        with reading(warehouse, "raw") as connection:
            started = time.perf_counter()
            connection.execute(IDS).fetchall()
            seconds["floor"].append(time.perf_counter() - started)
        if dbt(warehouse, threading.Event(), "run", "--quiet", "--select", "+rec_summary", *place):
            raise click.ClickException("the models of the comparison could not be built")
        results = json.loads((target / "run_results.json").read_text())["results"]
        models = [one for one in results if one["unique_id"].split(".")[-1].startswith("rec_")]
        seconds["comparison"].append(sum(one["execution_time"] for one in models))
    floor = statistics.median(seconds["floor"])
    click.echo(f"{ORDERS:,} work orders against their source, median of {runs} runs, SQL alone")
    for name, measured in seconds.items():
        median = statistics.median(measured)
        click.echo(f"{name:14} {median:6.2f} s  {median / floor:5.2f} x floor")


@click.command()
@click.option("--runs", default=3, show_default=True)
def main(runs: int) -> None:
    """Print the seconds that comparing 100,000 work orders with their source takes in SQL."""
    with tempfile.TemporaryDirectory() as folder:
        measure(Path(folder), runs)


if __name__ == "__main__":
    main()
