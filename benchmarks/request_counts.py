"""`python -m benchmarks.request_counts`: requests of each kind of run beside the least possible.

The sandbox counts them on a real socket. The results go to `benchmarks/results/requests.json` and
as a table to `docs/performance.md`.
"""

import os
import subprocess
import tempfile
import threading
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import click

from benchmarks.extract import PYTHON
from benchmarks.page import ROOT, show
from loaders.extract.options import Options
from loaders.extract.reconcile import read_source
from loaders.extract.run import Extraction
from loaders.maintainx.catalogue import CATALOGUE, PAGE_SIZE, Resource, Strategy
from loaders.maintainx.client import Client
from loaders.maintainx.quota import Governor
from loaders.settings import Settings
from loaders.warehouse.file import RawFile
from sandbox import KEY, Sandbox, build, serve

DETAILS = 400
INCREMENTAL = [row for row in CATALOGUE.values() if row.strategy is not Strategy.WHOLE_LIST]

Counts = Counter[str]


def pages(records: int) -> int:
    """The fewest pages of so many records; an empty list is one page."""
    return max(1, -(-records // PAGE_SIZE))


@dataclass
class Counted:
    """The loaders against one sandbox. `steps`: requests and the least of them, by list."""

    sandbox: Sandbox
    url: str
    folder: Path
    steps: dict[str, tuple[Counts, Counts]] = field(default_factory=dict)

    def _sent(self, since: int) -> Counts:
        """Requests by list; those for one record, or below one, are named after their path."""
        names = {row.path: row.name for row in CATALOGUE.values()}
        found: Counts = Counter()
        for request in self.sandbox.requests[since:]:
            name = names.get(request.path) or "/".join(request.path.split("/")[:2]) + "/{id}"
            if name == "parent_work_orders" and "parentSubWorkOrderTypes" not in request.query:
                name = "work_orders"
            found[name] += 1
        return found

    def step(self, name: str, least: Counts, *arguments: str) -> None:
        """Run `extract` with these arguments."""
        before = len(self.sandbox.requests)
        subprocess.run(
            [PYTHON, "-m", "loaders", "extract", "-q", *arguments],
            cwd=ROOT,
            env=os.environ | self.environment,
            check=True,
        )
        self._note(name, before, least)

    def reconcile(self) -> None:
        """What `reconcile` reads, without the models that compare it."""
        before = len(self.sandbox.requests)
        warehouse, stop = self.folder / "warehouse.duckdb", threading.Event()
        settings = Settings(
            api_key=KEY, base_url=self.url, warehouse=warehouse, organization_ids=None
        )
        options = Options(resources=tuple(CATALOGUE.values()))
        with Client(settings, Governor(0.2, stop), stop) as client:
            read_source(Extraction(settings, client, RawFile(warehouse), options))
        self._note("reconcile", before, self.whole(*CATALOGUE.values()))

    def _note(self, name: str, before: int, least: Counts) -> None:
        sent = self._sent(before)
        self.steps[name] = (sent, least)
        surplus = {
            key: (sent[key], least[key]) for key in sorted(sent | least) if sent[key] != least[key]
        }
        click.echo(f"{name}: {sent.total()} of at least {least.total()}; {surplus}")

    @property
    def environment(self) -> dict[str, str]:
        return {
            "MAINTAINX_API_KEY": KEY,
            "MAINTAINX_BASE_URL": self.url,
            "MAINTAINX_WAREHOUSE": str(self.folder / "warehouse.duckdb"),
        }

    def whole(self, *rows: Resource) -> Counts:
        """The pages of whole lists."""
        found: Counts = Counter({"organizations": 1})
        for organization in self.sandbox.organization_ids:
            for row in rows:
                if row.name != "organizations":
                    show = row.parameters.get("show_upcoming") == "true"
                    listed = self.sandbox.listed(row.name, organization, show_upcoming=show)
                    found[row.name] += pages(len(listed)) if row.collection else 1
        return found

    def records(self, name: str) -> int:
        """Records of a list in all organizations."""
        return sum(
            len(self.sandbox.listed(name, organization))
            for organization in self.sandbox.organization_ids
        )


def run(orders: int) -> dict[str, tuple[Counts, Counts]]:
    """Every step on one plant."""
    sandbox = Sandbox(build(orders))
    with serve(sandbox) as url, tempfile.TemporaryDirectory() as folder:
        counted = Counted(sandbox, url, Path(folder))
        lists_alone = ("--max-details", "0")
        first = counted.whole(*CATALOGUE.values())
        first["/purchaseorders/{id}"] = counted.records("purchase_orders")
        counted.step("first extract", first, *lists_alone)

        organizations = len(sandbox.organization_ids)
        idle: Counts = Counter({row.name: organizations for row in INCREMENTAL})
        idle["organizations"] = 1
        counted.step("nothing changed", idle, *lists_alone, "--due")

        held = sandbox.table("work_orders", sandbox.organization_ids[0]).ids()
        changed = sorted(held)[:: len(held) // (orders // 100)][: orders // 100]
        for number in changed:
            sandbox.update("work_orders", number, title="Changed")
        few = Counter(idle)
        few["work_orders"] += pages(len(changed)) - 1
        counted.step("1 % of the orders changed", few, *lists_alone, "--due")

        sweep = counted.whole(*INCREMENTAL)
        for row in INCREMENTAL:
            if row.strategy is Strategy.CHANGED_SINCE:
                sweep[row.name] += organizations
        counted.step("deletion check", sweep, *lists_alone, "--due", "--sweep")
        counted.reconcile()

        details = Counter(idle)
        details["parents"] = DETAILS
        counted.step("details", details, "--due", "--max-details", str(DETAILS))
        return counted.steps


def table(orders: int, steps: dict[str, tuple[Counts, Counts]]) -> str:
    """The steps as Markdown."""
    lines = [
        f"{orders:,} work orders and all other lists of two organizations:",
        "",
        "| run | requests | least possible | ratio |",
        "|---|---|---|---|",
    ]
    lines += [
        f"| {name} | {sent.total():,} | {least.total():,} | {sent.total() / least.total():.2f} |"
        for name, (sent, least) in steps.items()
    ]
    return "\n".join(lines) + "\n"


@click.command()
@click.option("--orders", default=40_000, show_default=True)
@click.option("--write/--no-write", default=False, help="Replace the results and their table.")
def main(orders: int, write: bool) -> None:
    """Count the requests of each kind of run."""
    steps = run(orders)
    click.echo(table(orders, steps))
    if write:
        found = {name: {"sent": sent, "least": least} for name, (sent, least) in steps.items()}
        show("requests", table(orders, steps), {"orders": orders, "steps": found})


if __name__ == "__main__":
    main()
