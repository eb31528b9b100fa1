"""`make bench`: measure time and memory of `dbt build` for growing data.

The warehouses are filled with the sandbox's records from memory, without a network, so a million
work orders take minutes; `--keep` fills each once. Every build, tests included, is a separate
process that is measured from outside. A time ratio greater than the growth of the data shows a
quadratic step.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from multiprocessing import get_context
from pathlib import Path

import click

from loaders.maintainx.catalogue import CATALOGUE
from loaders.warehouse import run_log, upgrade
from loaders.warehouse.file import RawFile
from sandbox import Sandbox, build
from sandbox.plant.build import NOW

ROOT = Path(__file__).resolve().parents[1]
PROMISE = "promised: 40,000 under 60 s; 1,000,000 within 4 GB and under 12 times 100,000"


def fill(path: Path, work_orders: int) -> None:
    """Fill a warehouse like a first extract of the sandbox."""
    sandbox = Sandbox(build(work_orders))
    raw = RawFile(path)
    upgrade.prepare(raw)
    run_log.begin_run(raw, "bench", "extract")
    lines = path.with_suffix(".ndjson")
    for name, resource in CATALOGUE.items():
        for organization in sandbox.organization_ids:
            if resource.detail_is_payload:
                records = sandbox.live(name, organization)
            else:
                records = sandbox.listed(name, organization, resource.expand)
            with lines.open("w") as file:
                for record in records:
                    line = {
                        "id": record["id"],
                        "updated_at": record.get("updatedAt"),
                        "payload": record,
                    }
                    file.write(json.dumps(line) + "\n")
            with raw.transaction() as connection:
                connection.execute("set enable_progress_bar = false")
                connection.execute(
                    f"insert into raw.{name} select {organization}, id, payload, updated_at,"
                    f" 'upsert', md5(payload), timestamp '{NOW[:-1]}', 'bench'"
                    f" from read_ndjson('{lines}', columns ="
                    " {'id': 'bigint', 'updated_at': 'timestamp', 'payload': 'json'})"
                )
    lines.unlink()
    run_log.end_run(raw, "bench", "done", 0, None)


def apart(fills: Callable[[Path, int], None], path: Path, work_orders: int) -> None:
    """Fill a warehouse in a process of its own, so that its memory is free before a build.

    Linux counts the memory of a process that starts another one as the other one's peak, too.
    """
    filling = get_context("spawn").Process(target=fills, args=(path, work_orders))
    filling.start()
    filling.join()
    if filling.exitcode:
        raise click.ClickException("the warehouse could not be filled")


def measured(path: Path) -> tuple[float, float, int]:
    """Wall and processor seconds and peak memory (MB) of a `dbt build` without an error."""
    command = [str(Path(sys.executable).with_name("dbt")), "--quiet", "build"]
    command += ["--vars", json.dumps({"as_of": NOW}), "--target-path", str(path.parent / "target")]
    started = time.perf_counter()
    process = subprocess.Popen(
        [*command, "--log-path", str(path.parent / "logs")],
        cwd=ROOT,
        env={**os.environ, "MAINTAINX_WAREHOUSE": str(path)},
    )
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise click.ClickException(f"dbt build ended with {process.returncode}")
    seconds = time.perf_counter() - started
    return seconds, used.ru_utime + used.ru_stime, used.ru_maxrss // 1024


@click.command()
@click.argument("sizes", type=int, nargs=-1)
@click.option(
    "--keep",
    type=click.Path(file_okay=False, path_type=Path),
    help="Keep the raw file of each size in this folder, and use those that are there.",
)
def main(sizes: tuple[int, ...], keep: Path | None) -> None:
    """Print seconds and memory of `dbt build` for each number of work orders, and the growth."""
    former = None
    click.echo(PROMISE)
    for work_orders in sizes or (40_000, 100_000, 1_000_000):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "warehouse.duckdb"
            raw = path.with_suffix(".raw.duckdb")
            kept = keep / f"{work_orders}.raw.duckdb" if keep else raw
            if not kept.exists():
                apart(fill, path, work_orders)
                if keep:
                    keep.mkdir(parents=True, exist_ok=True)
                    shutil.move(raw, kept)
            if keep:
                raw.symlink_to(kept.absolute())
            load = os.getloadavg()[0]
            seconds, busy, peak = measured(path)
        growth = f"  {seconds / former:5.2f} x the one before" if former else ""
        click.echo(
            f"{work_orders:9,} orders  {seconds:7.1f} s ({busy:.1f} s of processors)"
            f"  {peak:6,} MB  load {load:.1f}{growth}"
        )
        former = seconds


if __name__ == "__main__":
    main()
