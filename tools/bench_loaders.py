"""`make bench`: compare loaders and reconciliation with the minimum work, in the same run.

The floor fetches the same pages with the same HTTP library and discards them. Whole processes are
timed from outside, in turn, and their medians compared. The sandbox runs in a third process.
"""

import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from loaders.dbt import dbt
from loaders.maintainx.catalogue import CATALOGUE, PAGE_SIZE
from loaders.warehouse.file import reading
from tests.support.planted import ORDERS, fill

FLOOR = """
import sys, httpx
base, key, expand = sys.argv[1], sys.argv[2], sys.argv[3].split(",")
headers = {"authorization": f"Bearer {key}"}
with httpx.Client(headers=headers) as client:
    organizations = client.get(base + "/organizations").json()["organizations"]
    for organization in organizations:
        cursor = ()
        while cursor is not None:
            query = [("limit", PAGE_SIZE), ("show_upcoming", "true"), ("sort", "updatedAt")]
            query += [("expand", value) for value in expand] + [("cursor", one) for one in cursor]
            owner = {"x-organization-id": str(organization["id"])}
            text = client.get(base + "/workorders", params=query, headers=owner).text
            at = text.rindex('"nextCursor":') + len('"nextCursor":')
            following = text[at:].split(",")[0].strip(' "}')
            cursor = None if following == "null" else (following,)
""".replace("PAGE_SIZE", str(PAGE_SIZE))


@contextmanager
def sandbox(work_orders: int) -> Iterator[str]:
    """A sandbox in a separate process; yields its URL."""
    command = [sys.executable, "-m", "loaders", "sandbox", "--port", "0"]
    process = subprocess.Popen(
        [*command, "--work-orders", str(work_orders)], stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        yield process.stdout.readline().split()[2]
    finally:
        process.terminate()
        process.wait()


def timed(command: list[str], environment: dict[str, str]) -> float:
    """Wall seconds of a process, which must exit with code 0."""
    started = time.perf_counter()
    subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - started


# The minimum of any comparison: find the ids that only one side has.
IDS = """
select count(*)
from (select distinct id from raw.work_orders) as held
full join (select id from raw._source_manifest where resource = 'work_orders') as sent using (id)
where held.id is null or sent.id is null
"""


def reconciliation(folder: Path, runs: int) -> None:
    """Print the seconds that comparing 100,000 work orders with their source takes in SQL."""
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
@click.option("--work-orders", default=40_000, show_default=True)
@click.option("--runs", default=3, show_default=True)
def main(work_orders: int, runs: int) -> None:
    """Print seconds and ratios of a first extract and of one that finds nothing new."""
    python = sys.executable
    expand = ",".join(CATALOGUE["work_orders"].expand)
    seconds: dict[str, list[float]] = {"floor": [], "first extract": [], "nothing new": []}
    with sandbox(work_orders) as url, tempfile.TemporaryDirectory() as folder:
        for run in range(runs):
            environment = {
                **os.environ,
                "MAINTAINX_API_KEY": "sandbox-key",
                "MAINTAINX_BASE_URL": url,
                "MAINTAINX_WAREHOUSE": str(Path(folder) / f"{run}.duckdb"),
            }
            extract = [python, "-m", "loaders", "extract", "work_orders", "-q"]
            seconds["floor"].append(
                timed([python, "-c", FLOOR, url, "sandbox-key", expand], environment)
            )
            seconds["first extract"].append(timed(extract, environment))
            seconds["nothing new"].append(timed(extract, environment))
    floor = statistics.median(seconds["floor"])
    click.echo(f"{work_orders:,} work orders, median of {runs} runs, whole processes")
    for name, measured in seconds.items():
        median = statistics.median(measured)
        click.echo(f"{name:14} {median:6.2f} s  {median / floor:5.2f} x floor")
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    click.echo(f"largest process, the sandbox among them: {peak} MB")
    with tempfile.TemporaryDirectory() as folder:
        reconciliation(Path(folder), runs)


if __name__ == "__main__":
    main()
