"""What the commands that read MaintainX share: their options, a run, its summary table."""

import signal
import sys
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import FrameType

import click

from loaders.commands.console import ProgressBar, ProgressLines, columns, set_up_logging
from loaders.commands.parameters import CENTURY, Duration, ListInterval, collected, quiet_option
from loaders.extract.options import Options
from loaders.extract.run import Extraction, Summary
from loaders.maintainx.catalogue import DETAILS, Detail, Resource
from loaders.maintainx.client import Client
from loaders.maintainx.quota import Governor
from loaders.printing import counted
from loaders.settings import Settings
from loaders.warehouse import lock
from loaders.warehouse.file import RawFile
from loaders.warehouse.outcome import Outcome


@dataclass(frozen=True)
class Reading:
    """Options of every command that reads MaintainX; the help of each explains it."""

    workers: int
    leave_quota: int
    timeout: timedelta
    log_format: str
    quiet: bool
    verbose: bool

    def set_up_logging(self) -> None:
        set_up_logging(self.verbose, self.quiet, self.log_format)

    def client(self, settings: Settings, stop: threading.Event) -> Client:
        governor = Governor(self.leave_quota / 100, stop)
        return Client(settings, governor, stop, self.timeout.total_seconds())

    def progress(self) -> ProgressBar | ProgressLines:
        bar = not self.quiet and not self.verbose and sys.stderr.isatty()
        return ProgressBar() if bar else ProgressLines()


reading_options = collected(
    Reading,
    "reading",
    click.option(
        "--workers",
        type=click.IntRange(1, 16),
        default=4,
        show_default=True,
        help="Number of parallel reads: lists, and records by id.",
    ),
    click.option(
        "--leave-quota",
        type=click.IntRange(0, 90),
        default=20,
        show_default=True,
        metavar="PERCENT",
        help="Share of the rate limit to leave to your other integrations.",
    ),
    click.option(
        "--timeout",
        # A socket takes no more than some weeks.
        type=Duration(positive=True, longest=timedelta(days=1)),
        default="30s",
        show_default=True,
        help="Retry a request that gets no answer for this long.",
    ),
    click.option(
        "--log-format",
        type=click.Choice(["text", "json"]),
        default="text",
        show_default=True,
        help="Format of log lines on standard error.",
    ),
    quiet_option,
    click.option("-v", "--verbose", is_flag=True, help="Log every request."),
)


@dataclass(frozen=True)
class Incremental:
    """Options of incremental reads, shared by `extract` and `sync`; the help explains each."""

    intervals: tuple[tuple[str, timedelta], ...]
    overlap: timedelta
    labour_days: int
    labour_interval: timedelta
    old_labour_interval: timedelta
    sweep_interval: timedelta
    max_deletions: int
    max_details: int

    def options(
        self,
        resources: list[Resource],
        workers: int,
        *,
        details: Iterable[Detail] = DETAILS.values(),
        full: bool = False,
        since: datetime | None = None,
        sweep: bool = False,
        due: bool,
        signal_interval: timedelta = Options.signal_interval,
    ) -> Options:
        return Options(
            resources=tuple(resources),
            details=tuple(details),
            max_details=self.max_details,
            full=full,
            since=since,
            sweep=sweep,
            due=due,
            intervals=dict(self.intervals),
            overlap=self.overlap,
            labour_days=self.labour_days,
            labour_interval=self.labour_interval,
            old_labour_interval=self.old_labour_interval,
            sweep_interval=self.sweep_interval,
            signal_interval=signal_interval,
            max_deletions=self.max_deletions / 100,
            workers=workers,
        )


incremental_options = collected(
    Incremental,
    "incremental",
    click.option(
        "--interval",
        "intervals",
        type=ListInterval(),
        multiple=True,
        metavar="LIST=TIME",
        help="How often `sync` and `extract --due` read a list: users=12h. Can be repeated.",
    ),
    click.option(
        "--overlap",
        type=Duration(),
        default="2h",
        show_default=True,
        help="Time before the newest known change that is read again, as lists can lag.",
    ),
    click.option(
        "--labour-days",
        type=click.IntRange(0, CENTURY.days),
        default=14,
        show_default=True,
        help="Read labour and costs again for orders completed in this many days.",
    ),
    click.option(
        "--labour-interval",
        type=Duration(),
        default="6h",
        show_default=True,
        help="How often to read labour and costs again for open and recent orders; 0s: every run.",
    ),
    click.option(
        "--old-labour-interval",
        type=Duration(),
        default="7d",
        show_default=True,
        help="How often to read labour again for orders of the last 400 days; 0s: every run.",
    ),
    click.option(
        "--sweep-interval",
        type=Duration(),
        default="24h",
        show_default=True,
        help="How often to check for deletions in lists that are read by changes; 0s: every run.",
    ),
    click.option(
        "--max-deletions",
        type=click.IntRange(0, 100),
        default=10,
        show_default=True,
        metavar="PERCENT",
        help="Delete nothing if more than this share of a list is missing in MaintainX.",
    ),
    click.option(
        "--max-details",
        type=click.IntRange(0),
        default=400,
        show_default=True,
        metavar="REQUESTS",
        help="Most requests of a run, after all lists, for details of records such as comments.",
    ),
)


NOTES = {
    "labour": "labour and costs read again",
    "old_labour": "labour and costs of a year read again",
    "sweep": "deletion check",
    "mend": "repaired",
    "marked": "marked by webhooks",
}
"""Notes of the summary by the log's name of a read; others need none."""


def command_line() -> str:
    """The command as the user typed it."""
    return " ".join(sys.argv[1:])


@contextmanager
def opened_run(
    settings: Settings, options: Options, reading: Reading, stop: threading.Event
) -> Iterator[Extraction]:
    """A run that holds the lock, with its client and its progress."""
    with (
        lock.held(settings.warehouse, command_line()),
        reading.client(settings, stop) as client,
        reading.progress() as progress,
    ):
        raw = RawFile(settings.warehouse, stop=stop)
        yield Extraction(settings, client, raw, options, progress)


def stop_on_signals() -> threading.Event:
    """An event that SIGTERM and Ctrl-C set; requests in progress still reach the disk.

    A second signal ends the process at once.
    """
    stop = threading.Event()

    def ask_to_stop(number: int, _frame: FrameType | None) -> None:
        stop.set()
        signal.signal(number, signal.SIG_DFL)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, ask_to_stop)
    return stop


def summary_table(summary: Summary) -> str:
    """What a run did: one line per list and note, summed over organizations."""
    head = ["list", "read", "new", "changed", "same", "deleted", "rejected", "requests", "note"]
    walks: dict[tuple[str, str], list[Outcome]] = {}
    for one in summary.outcomes:
        walks.setdefault((one.resource, _note(one)), []).append(one)
    rows = [
        [
            resource,
            *(f"{sum(numbers):,}" for numbers in zip(*map(_numbers, alike), strict=True)),
            note,
        ]
        for (resource, note), alike in walks.items()
    ]
    written = sum(one.inserted + one.updated + one.deleted for one in summary.outcomes)
    totals = (
        f"{summary.state}:"
        f" {counted(sum(one.records_read for one in summary.outcomes), 'record')} read,"
        f" {counted(written, 'row')} written, {counted(summary.requests, 'request')},"
        f" {summary.seconds:.1f} s"
    )
    return "\n".join([columns(head, rows), *map(str, summary.reaches), totals])


def _numbers(outcome: Outcome) -> tuple[int, ...]:
    return (
        outcome.records_read,
        outcome.inserted,
        outcome.updated,
        outcome.unchanged,
        outcome.deleted,
        outcome.rejected,
        outcome.requests,
    )


def _note(outcome: Outcome) -> str:
    if outcome.state == "forbidden":
        return "not on this account's plan (403)"
    if outcome.error:
        return f"organization {outcome.organization_id} {outcome.state}: {outcome.error}"
    return NOTES.get(outcome.walk, "")
