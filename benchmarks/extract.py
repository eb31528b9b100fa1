"""`make bench`: processor time, wall time and memory of extracting work orders, beside the floor.

Every process is measured from outside, in turn with the others, in several rounds; a figure is a
ratio of medians of one run on one machine. `benchmarks/server.py` says what is loaded, and
`benchmarks/floor.py` what the floor does. The results go to `benchmarks/results/extract.json` and
as a table to `docs/performance.md`.
"""

import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any

import click
import httpx

from benchmarks.page import ROOT, show

PYTHON = sys.executable
FLOORS = {
    "floor": "msgspec",
    "floor, json module": "json",
    "fetch and cut alone": "nothing",
}

Seen = dict[str, list[dict[str, float]]]


@contextmanager
def served(orders: int, folder: Path, limit: int = 0) -> Iterator[str]:
    """A server of so many orders in a process of its own; yields its base URL.

    limit: requests per minute, 0 for no limit.
    """
    numbers = map(str, (orders, orders // 100, limit))
    process = subprocess.Popen(
        [PYTHON, "-m", "benchmarks.server", str(folder / "orders"), *numbers],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        yield f"http://127.0.0.1:{process.stdout.readline().strip()}/v1"
    finally:
        process.terminate()
        process.wait()


def installed(environment: dict[str, str]) -> dict[str, str]:
    """The variables of a process that is measured. Who installs a tool runs it with bytecode,
    whatever the shell of the benchmark forbids."""
    variables = os.environ | environment
    variables.pop("PYTHONDONTWRITEBYTECODE", None)
    return variables


def measured(command: list[str], **environment: str) -> dict[str, float]:
    """Processor and wall seconds and peak MB of a process, which must exit with code 0."""
    started = time.perf_counter()
    process = subprocess.Popen(
        command, cwd=ROOT, env=installed(environment), stdout=subprocess.DEVNULL
    )
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise click.ClickException(f"{' '.join(command)} ended with {process.returncode}")
    return {
        "processor": used.ru_utime + used.ru_stime,
        "wall": time.perf_counter() - started,
        "peak": used.ru_maxrss / 1024,
    }


class Round:
    """What one round measures, in a folder of its own that it deletes."""

    def __init__(self, url: str, place: Path, seen: Seen, label: str = "") -> None:
        self.url, self.place, self.seen, self.label = url, place, seen, label

    def _note(self, name: str, figures: dict[str, float]) -> None:
        self.seen.setdefault(name + self.label, []).append(figures)
        click.echo(
            f"{name + self.label:42} processor {figures['processor']:6.2f} s"
            f"  wall {figures['wall']:6.2f} s  peak {figures['peak']:5.0f} MB"
        )

    def script(self, name: str, command: list[str], *settings: str) -> None:
        """A script that loads the orders in a folder."""
        with tempfile.TemporaryDirectory(dir=self.place) as folder:
            self._note(name, measured([*command, self.url, folder, *settings]))

    def loaders(self, changed: bool) -> None:
        """A first extract, then one of what changed or of the whole list once more."""
        with tempfile.TemporaryDirectory(dir=self.place) as folder:
            environment = {
                "MAINTAINX_API_KEY": "key",
                "MAINTAINX_BASE_URL": self.url,
                "MAINTAINX_WAREHOUSE": f"{folder}/warehouse.duckdb",
            }
            extract = [PYTHON, "-m", "loaders", "extract", "work_orders", "-q"]
            self._note("first extract", measured(extract, **environment))
            if changed:
                httpx.get(f"{self.url}/changed").raise_for_status()
                self._note("extract of 1 % changed", measured(extract, **environment))
            else:
                again = [*extract, "--full"]
                self._note("full refresh, nothing changed", measured(again, **environment))


def run(orders: int, rounds: int, large: int) -> dict[str, Any]:
    """Measure everything; returns what the results file holds."""
    seen: Seen = {}
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        with served(orders, place) as url:
            for _ in range(rounds):
                one = Round(url, place, seen)
                for name, setting in FLOORS.items():
                    one.script(name, [PYTHON, "-m", "benchmarks.floor"], setting)
                one.loaders(changed=False)
        if large:
            with served(large, place) as url:
                Round(url, place, seen, f", {large:,} orders").loaders(changed=True)
    packages = ("duckdb", "httpx", "msgspec")
    return {
        "orders": orders,
        "large": large,
        "date": time.strftime("%Y-%m-%d"),
        "python": platform.python_version(),
        "cores": os.cpu_count(),
        "packages": {name: version(name) for name in packages},
        "seen": seen,
    }


def table(results: dict[str, Any]) -> str:
    """The results as Markdown."""
    middle = {
        name: {key: median(one[key] for one in many) for key in many[0]}
        for name, many in results["seen"].items()
    }
    floor = middle["floor"]["processor"]
    first = middle["first extract"]["processor"]
    lines = [
        f"{results['orders']:,} work orders of 1.4 KB in pages of 200, {results['cores']} cores,"
        f" Python {results['python']},"
        f" {', '.join(f'{name} {number}' for name, number in results['packages'].items())},"
        f" measured on {results['date']}; medians of whole processes:",
        "",
        "| process | runs | processor s | to the floor | to the first extract | wall s | peak MB |",
        "|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {name} | {len(results['seen'][name])} | {one['processor']:.1f}"
        f" | {one['processor'] / floor:.2f} | {one['processor'] / first:.2f}"
        f" | {one['wall']:.1f} | {one['peak']:.0f} |"
        for name, one in middle.items()
    ]
    return "\n".join(lines) + "\n"


@click.command()
@click.option("--orders", default=100_000, show_default=True)
@click.option("--rounds", default=5, show_default=True)
@click.option("--large", default=1_000_000, show_default=True, help="0: not measured.")
@click.option("--write/--no-write", default=False, help="Replace the results and their table.")
def main(orders: int, rounds: int, large: int, write: bool) -> None:
    """Measure extracts beside the floor."""
    results = run(orders, rounds, large)
    text = table(results)
    click.echo(text)
    if write:
        show("extract", text, results)


if __name__ == "__main__":
    main()
