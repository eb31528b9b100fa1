"""`python -m benchmarks.stages`: processor seconds of the steps of an extract.

A first extract and a full refresh that finds nothing new, each in a process of its own, whose steps
are wrapped in timers. The table goes to `docs/performance.md`.
"""

# ruff: noqa: PLC0415
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import click

from benchmarks.extract import PYTHON, installed, served
from benchmarks.page import ROOT, show

# In the order of the table; each without the steps within it.
STEPS = (
    "start of Python, imports",
    "HTTP",
    "cut pages, read ids and times",
    "hash",
    "write the spool",
    "DuckDB: find what is new, insert, compress",
    "open the raw file, run log, threads",
)


def timed(arguments: list[str]) -> None:
    """Run the loaders in this process, and write the seconds of their steps to standard error."""
    spent = dict.fromkeys(STEPS, 0.0)
    stack: list[str] = []

    def wrapped(step: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def timer(*given: Any, **named: Any) -> Any:
            started = time.process_time()
            stack.append(step)
            try:
                return call(*given, **named)
            finally:
                seconds = time.process_time() - started
                stack.pop()
                spent[step] += seconds
                if stack:
                    spent[stack[-1]] -= seconds

        return timer

    import loaders.__main__
    from loaders.commands import extract, main
    from loaders.maintainx import account, client, records
    from loaders.warehouse import landing, spool

    assert loaders.__main__
    assert extract
    spent[STEPS[0]] = time.process_time()
    client.Client._answer = wrapped(STEPS[1], client.Client._answer)  # type: ignore[method-assign]
    account.read_page = wrapped(STEPS[2], account.read_page)  # type: ignore[attr-defined]
    quick_hash = wrapped(STEPS[3], records.Record.quick_hash.fget)  # type: ignore[attr-defined]
    records.Record.quick_hash = property(quick_hash)  # type: ignore[assignment,method-assign]
    spool.Spool.add = wrapped(STEPS[4], spool.Spool.add)  # type: ignore[method-assign]
    landing.land = wrapped(STEPS[5], landing.land)
    try:
        main.main(arguments)
    finally:
        spent[STEPS[6]] = time.process_time() - sum(spent.values())
        sys.stderr.write(json.dumps(spent))


def measured(url: str, folder: Path, *arguments: str) -> dict[str, float]:
    """The steps of one extract."""
    environment = {
        "MAINTAINX_API_KEY": "key",
        "MAINTAINX_BASE_URL": url,
        "MAINTAINX_WAREHOUSE": str(folder / "warehouse.duckdb"),
    }
    command = [PYTHON, "-m", "benchmarks.stages", "child", "extract", "work_orders", "-q"]
    ended = subprocess.run(
        [*command, *arguments],
        cwd=ROOT,
        env=installed(environment),
        stderr=subprocess.PIPE,
        check=True,
    )
    found: dict[str, float] = json.loads(ended.stderr)
    return found


def table(first: list[dict[str, float]], again: list[dict[str, float]]) -> str:
    """The steps as Markdown."""
    lines = ["| step | first extract, s | full refresh, s |", "|---|---|---|"]
    totals = [0.0, 0.0]
    for step in STEPS:
        found = [median(one[step] for one in many) for many in (first, again)]
        totals = [total + seconds for total, seconds in zip(totals, found, strict=True)]
        lines.append(f"| {step} | {found[0]:.2f} | {found[1]:.2f} |")
    return "\n".join([*lines, f"| all | {totals[0]:.2f} | {totals[1]:.2f} |"]) + "\n"


@click.command()
@click.option("--orders", default=100_000, show_default=True)
@click.option("--rounds", default=3, show_default=True)
@click.option("--write/--no-write", default=False, help="Replace the table.")
def main(orders: int, rounds: int, write: bool) -> None:
    """Measure the steps of an extract."""
    first, again = [], []
    with tempfile.TemporaryDirectory() as name, served(orders, Path(name)) as url:
        for number in range(rounds):
            folder = Path(name) / str(number)
            folder.mkdir()
            first.append(measured(url, folder))
            again.append(measured(url, folder, "--full"))
    text = table(first, again)
    click.echo(text)
    if write:
        show("stages", text)


if __name__ == "__main__":
    if sys.argv[1:2] == ["child"]:
        timed(sys.argv[2:])
    else:
        main()
