"""Measure the time from a change in MaintainX to the changed row in `marts.duckdb`.

The sandbox posts a webhook for each change of a work order, `listen` keeps it, and a `sync` that
would otherwise wait for a day reads, builds and publishes. All are processes of this machine.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import click
import duckdb

from loaders.settings import PUBLISHED
from sandbox import KEY, Sandbox, build, serve
from tests.support.listening import listening
from tests.support.served import free_port

LONGEST = 600


def title(marts: Path, number: int) -> str:
    with duckdb.connect(str(marts), read_only=True) as connection:
        row = connection.execute(
            f"select title from fct_work_orders where work_order_id = {number}"
        ).fetchone()
    return str(row[0]) if row else ""


def seconds_until(marts: Path, number: int, wanted: str) -> float:
    """Seconds until the published order has the title. Raises ClickException after LONGEST."""
    started, seen = time.perf_counter(), marts.stat().st_ino
    while time.perf_counter() - started < LONGEST:
        if marts.stat().st_ino != seen:
            seen = marts.stat().st_ino
            if title(marts, number) == wanted:
                return time.perf_counter() - started
        time.sleep(0.1)
    raise click.ClickException(f"the change is not in {marts} after {LONGEST} s")


@click.command()
@click.option("--work-orders", default=40_000, show_default=True)
@click.option("--changes", default=5, show_default=True)
@click.option("--collect", default="5s", show_default=True, help="As for `sync`.")
def main(work_orders: int, changes: int, collect: str) -> None:
    """Print the seconds from each change to its row, and their median."""
    sandbox, port = Sandbox(build(work_orders)), free_port()
    sandbox.webhooks.subscribe_all(f"http://127.0.0.1:{port}")
    numbers = [order["id"] for order in sandbox.listed("work_orders", sandbox.organization_ids[0])]
    with tempfile.TemporaryDirectory() as folder, serve(sandbox) as url:
        warehouse, log = Path(folder) / "warehouse.duckdb", Path(folder) / "sync.log"
        marts = warehouse.with_name(PUBLISHED)
        environment = {
            **os.environ,
            "MAINTAINX_API_KEY": KEY,
            "MAINTAINX_BASE_URL": url,
            "MAINTAINX_WAREHOUSE": str(warehouse),
        }
        sync = [sys.executable, "-m", "loaders", "sync", "--every", "1d", "--collect", collect]
        with (
            listening(warehouse, port=port),
            log.open("w") as out,
            subprocess.Popen(sync, env=environment, stderr=out) as process,
        ):
            try:
                while "next cycle" not in log.read_text():
                    if process.poll() is not None:
                        raise click.ClickException(log.read_text())
                    time.sleep(1)
                if not marts.exists():
                    raise click.ClickException(log.read_text())
                measured = []
                for turn in range(changes):
                    number = numbers[-1 - turn]
                    sandbox.update("work_orders", number, title=f"Change {turn}")
                    sandbox.webhooks.deliver()
                    measured.append(seconds_until(marts, number, f"Change {turn}"))
            finally:
                process.terminate()
        click.echo(log.read_text())
    click.echo(f"{work_orders:,} work orders, {changes} changes, from change to row in {PUBLISHED}")
    click.echo(f"each {', '.join(f'{each:.1f}' for each in measured)} s")
    click.echo(f"median {statistics.median(measured):.1f} s")


if __name__ == "__main__":
    main()
