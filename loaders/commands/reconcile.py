"""`python -m loaders reconcile`."""

import sys

import click

from loaders import settings
from loaders.commands.console import columns
from loaders.commands.running import (
    Reading,
    command_line,
    opened_run,
    reading_options,
    stop_on_signals,
    summary_table,
)
from loaders.dbt import building
from loaders.extract.options import Options
from loaders.extract.reconcile import Finding, compare, mend, read_source
from loaders.maintainx.catalogue import named
from loaders.printing import say


@click.command("reconcile")
@click.argument("lists", nargs=-1, metavar="[LIST ...]")
@click.option(
    "--mend",
    "repair",
    is_flag=True,
    help="Read records that differ again, and delete those that answer 404.",
)
@reading_options
def command(lists: tuple[str, ...], repair: bool, reading: Reading) -> None:
    """Compare the warehouse with the live API, record by record.

    Reads every list without expanded fields. Compares ids, and the title, status and priority of
    work orders. The result is in quality.rec_summary, quality.rec_work_orders and
    quality.rec_records. Exit code 1 if something differs.

    \b
    Examples:
      python -m loaders reconcile
      python -m loaders reconcile work_orders assets --mend
    """
    reading.set_up_logging()
    configured = settings.from_environment()
    options = Options(resources=tuple(named(lists)), workers=reading.workers)
    stop = stop_on_signals()
    with (
        building(configured.warehouse, command_line()),
        opened_run(configured, options, reading, stop) as run,
    ):
        read_source(run)
        findings = compare(configured.warehouse, stop)
        say(_table(findings))
        if repair and any(finding.differs for finding in findings):
            say(summary_table(mend(run)))
            findings = compare(configured.warehouse, stop)
            say(_table(findings))
    sys.exit(int(any(finding.differs for finding in findings)))


def _table(findings: list[Finding]) -> str:
    """What a reconciliation found: one line per list and state, summed over organizations."""
    head = ["list", "records", "match", "mismatch", "missing here", "missing there", "newer there"]
    lists: dict[tuple[str, str], list[Finding]] = {}
    for one in findings:
        lists.setdefault((one.resource, "" if one.state == "done" else one.state), []).append(one)
    rows = [
        [
            resource,
            f"{sum(one.records for one in alike):,}",
            f"{sum(one.matches for one in alike):,}",
            f"{sum(one.mismatches for one in alike):,}",
            f"{sum(one.missing_in_warehouse for one in alike):,}",
            f"{sum(one.missing_in_source for one in alike):,}",
            f"{sum(one.newer_at_source for one in alike):,}",
            note,
        ]
        for (resource, note), alike in lists.items()
    ]
    return columns([*head, "note"], rows)
