"""`python -m benchmarks.limits`: how far one machine goes, in time, memory and disk.

Each plant is built with all tests, published, and published to a DuckLake with its catalog in
SQLite. Where DuckDB cannot download DuckLake, run it in an environment that has it as a package.
A plant of more than a million work orders has the orders and the statuses of a million
several times, each time with other ids.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import click
import duckdb

from benchmarks.page import ROOT, results_file, show
from sandbox.plant.build import NOW
from tools.bench_build import apart, fill

FILLED = 1_000_000
# Ids of a copy are those of the original and this much more.
APART = 10**12
GB = 10**9

GROWN = r"""
insert into {table}
select
    organization_id, id + {apart},
    regexp_replace(payload, '^\{{"id":\d+', '{{"id":' || (id + {apart})),
    source_updated_at, _operation, _content_hash, _extracted_at, _run_id
from {table} where id < {first}
"""


def raw_file(folder: Path, work_orders: int) -> Path:
    """The raw file of so many orders; it is made where it is not in the folder yet."""
    path = folder / f"{work_orders}.raw.duckdb"
    if path.exists():
        return path
    if work_orders <= FILLED:
        making = folder / "making.duckdb"
        apart(fill, making, work_orders)
        return making.with_suffix(".raw.duckdb").rename(path)
    shutil.copy(raw_file(folder, FILLED), path)
    apart(grow, path, work_orders)
    return path


def grow(path: Path, work_orders: int) -> None:
    """Add copies of the orders and statuses of a raw file of FILLED orders."""
    with duckdb.connect(path, config={"memory_limit": "3GB"}) as connection:
        connection.execute("set preserve_insertion_order = false")
        for number in range(1, work_orders // FILLED):
            for table in ("work_orders", "asset_statuses"):
                connection.execute(GROWN.format(table=table, apart=number * APART, first=APART))


class Disk(threading.Thread):
    """The most bytes that the files of a folder took while this thread ran."""

    def __init__(self, folder: Path) -> None:
        super().__init__(daemon=True)
        self.folder, self.peak, self.ended = folder, 0, threading.Event()

    def run(self) -> None:
        while not self.ended.wait(1):
            self.peak = max(self.peak, size(self.folder))


def size(path: Path) -> int:
    """Bytes of a file or of all files of a folder; links count nothing."""
    files = path.rglob("*") if path.is_dir() else [path]
    found = 0
    for file in files:
        try:
            found += 0 if file.is_symlink() or file.is_dir() else file.stat().st_size
        except FileNotFoundError:  # a file of the spill that is gone again
            continue
    return found


def measured(folder: Path, *command: str, **variables: str) -> dict[str, float]:
    """Wall and processor seconds, peak memory and peak disk (GB) of a command without an error."""
    disk = Disk(folder)
    disk.start()
    started = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", *command],
        cwd=ROOT,
        env={**os.environ, "MAINTAINX_WAREHOUSE": str(folder / "warehouse.duckdb"), **variables},
        stdout=subprocess.DEVNULL,
    )
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    wall = time.perf_counter() - started
    disk.ended.set()
    disk.join()
    if process.returncode:
        raise click.ClickException(f"{' '.join(command)} ended with {process.returncode}")
    return {
        "wall_s": wall,
        "processor_s": used.ru_utime + used.ru_stime,
        "memory_gb": used.ru_maxrss * 1024 / GB,
        "disk_gb": disk.peak / GB,
    }


def limits(raw: Path, work_orders: int, within: Path) -> dict[str, Any]:
    """What the build of a plant, its publication and its lake take."""
    folder = Path(tempfile.mkdtemp(dir=within))
    (folder / "warehouse.raw.duckdb").symlink_to(raw.absolute())
    dbt_folders = {"DBT_TARGET_PATH": str(folder / "dbt"), "DBT_LOG_PATH": str(folder / "dbt")}
    try:
        build = measured(
            folder,
            *("loaders.run_dbt", str(folder / "results.json"), "--quiet", "build"),
            *("--vars", json.dumps({"as_of": NOW})),
            **dbt_folders,
        )
        publish = measured(folder, "loaders", "publish")
        lake = {"MAINTAINX_LAKE": f"ducklake:sqlite:{folder / 'lake.sqlite'}"}
        lake["MAINTAINX_LAKE_DATA"] = str(folder / "lake")
        with_lake = measured(folder, "loaders", "publish", **lake)
        sizes = {
            "raw": size(raw.resolve()),
            "warehouse": size(folder / "warehouse.duckdb"),
            "marts": size(folder / "marts.duckdb"),
            "lake": size(folder / "lake"),
        }
    finally:
        shutil.rmtree(folder)
    return {
        "work_orders": work_orders,
        "memory_limit": os.environ.get("MAINTAINX_MEMORY_LIMIT", "3GB"),
        "build": build,
        "publish": publish,
        "publish with lake": with_lake,
        "files_gb": {name: count / GB for name, count in sizes.items()},
    }


def table(results: dict[str, Any]) -> str:
    """The results as Markdown."""
    lines = [
        f"{results['cores']} cores, DuckDB {results['duckdb']}, measured on {results['date']}:",
        "",
        "| work orders | MAINTAINX_MEMORY_LIMIT | command | wall s | processor s |"
        " peak memory, GB | peak disk beside raw, GB |",
        "|---|---|---|---|---|---|---|",
    ]
    names = {
        "build": "`dbt build` with all tests",
        "publish": "`publish`",
        "publish with lake": "`publish` with a lake",
    }
    for plant in results["plants"]:
        for key, name in names.items():
            seen = plant[key]
            lines.append(
                f"| {plant['work_orders']:,} | {plant['memory_limit']} | {name} |"
                f" {seen['wall_s']:,.0f} | {seen['processor_s']:,.0f} |"
                f" {seen['memory_gb']:.1f} | {seen['disk_gb']:.1f} |"
            )
    lines += [
        "",
        "| work orders | raw, GB | warehouse, GB | marts.duckdb, GB | a build in the lake, GB |",
    ]
    lines.append("|---|---|---|---|---|")
    for plant in results["plants"]:
        gb = plant["files_gb"]
        lines.append(
            f"| {plant['work_orders']:,} | {gb['raw']:.1f} | {gb['warehouse']:.1f} |"
            f" {gb['marts']:.1f} | {gb['lake']:.1f} |"
        )
    return "\n".join(lines) + "\n"


@click.command()
@click.argument("sizes", type=int, nargs=-1)
@click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(tempfile.gettempdir()) / "limits",
    show_default=True,
    help="Keep the raw file of each size here, and use those that are there.",
)
@click.option("--write/--no-write", default=False, help="Replace the results and their table.")
def main(sizes: tuple[int, ...], folder: Path, write: bool) -> None:
    """Print what a build of each number of work orders takes, and how large its files are."""
    folder.mkdir(parents=True, exist_ok=True)
    results: dict[str, Any] = {
        "date": time.strftime("%Y-%m-%d"),
        "cores": os.cpu_count(),
        "duckdb": duckdb.__version__,
        "plants": [],
    }
    for work_orders in sizes or (FILLED, 10 * FILLED):
        results["plants"].append(limits(raw_file(folder, work_orders), work_orders, folder))
        click.echo(json.dumps(results["plants"][-1]))
        if write:
            results_file("limits").write_text(json.dumps(results, indent=1) + "\n")
    text = table(results)
    click.echo(text)
    if write:
        show("limits", text)


if __name__ == "__main__":
    main()
