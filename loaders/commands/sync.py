"""`python -m loaders sync`."""

import logging
import sys
from datetime import timedelta
from pathlib import Path

import click

from loaders import settings
from loaders.commands.parameters import Duration
from loaders.commands.running import (
    Incremental,
    Reading,
    command_line,
    incremental_options,
    opened_run,
    reading_options,
    stop_on_signals,
)
from loaders.errors import LoaderError, SettingsError
from loaders.export import dashboard
from loaders.export.lake import check
from loaders.export.marts import Mart
from loaders.export.publish import publish
from loaders.extract.refresh import refresh_marked
from loaders.extract.run import Summary
from loaders.extract.sync import Sync
from loaders.maintainx.catalogue import CATALOGUE

log = logging.getLogger(__name__)


@click.command("sync")
@click.option(
    "--every",
    type=Duration(positive=True),
    default="15m",
    show_default=True,
    help="Time from the start of one cycle to the start of the next.",
)
@click.option(
    "--rebuild-after",
    type=Duration(),
    default="1h",
    show_default=True,
    help="Age at which a build is made anew though nothing has changed since; 0s: in each cycle.",
)
@click.option(
    "--collect",
    type=Duration(),
    default="5s",
    show_default=True,
    help="How long signals of `listen` are collected before they are read.",
)
@click.option(
    "--signal-interval",
    type=Duration(),
    default="5m",
    show_default=True,
    help="How often signals can have a list read that is only to be had as a whole.",
)
@click.option("--once", is_flag=True, help="Run one cycle and end, for cron, Airflow and others.")
@incremental_options
@reading_options
def command(
    every: timedelta,
    rebuild_after: timedelta,
    collect: timedelta,
    signal_interval: timedelta,
    once: bool,
    incremental: Incremental,
    reading: Reading,
) -> None:
    """Extract what is due, build and publish all models, wait and repeat until SIGTERM or Ctrl-C.

    A cycle that finds no news builds nothing: neither in the data, the project's files and its
    settings, nor in the warehouse and marts.duckdb, while the last build is younger than
    --rebuild-after and no site has begun another day.

    If a list fails, the others are loaded, built and published. If a cycle fails, its error is
    logged and the next cycle starts on time. A cycle that publishes also writes dashboard.html.
    Between two cycles, signals of `listen` start another one: it reads only what they mark, and
    builds and publishes all models.

    With --once the exit code is that of the cycle: 1 if a list, the build or the publishing failed.

    \b
    Examples:
      python -m loaders sync --every 30m
      python -m loaders sync --every 1h --interval users=12h
      python -m loaders sync --once -q
    """
    reading.set_up_logging()
    configured, lake = settings.from_environment(), settings.lake()
    if lake is not None:
        # MaintainX is read and marts.duckdb is written while a lake is down.
        try:
            check(lake)
        except SettingsError:
            raise
        except LoaderError as error:
            log.warning("%s", error)
    options = incremental.options(
        list(CATALOGUE.values()), reading.workers, due=True, signal_interval=signal_interval
    )
    stop = stop_on_signals()

    def extract(only_marked: bool) -> Summary:
        with opened_run(configured, options, reading, stop) as run:
            return refresh_marked(run, command_line(), only=only_marked)

    def hand_out(warehouse: Path) -> tuple[Path, list[Mart]]:
        published = publish(warehouse, stop=stop, lake=lake)
        dashboard.refresh(warehouse)
        return published

    sync = Sync(extract, hand_out, configured.warehouse, stop, rebuild_after, collect)
    if once:
        sys.exit(sync.once())
    sync.repeat(every)
