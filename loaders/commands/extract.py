"""`python -m loaders extract`."""

import sys
from datetime import datetime

import click

from loaders import settings
from loaders.commands.parameters import Moment
from loaders.commands.running import (
    Incremental,
    Reading,
    command_line,
    incremental_options,
    opened_run,
    reading_options,
    stop_on_signals,
    summary_table,
)
from loaders.extract.refresh import refresh
from loaders.maintainx.catalogue import CATALOGUE, DETAILS, named_with_details
from loaders.printing import say

HELP = f"""Read MaintainX and load what is new, changed or deleted.

The first run reads everything. A later run reads what changed since. You can repeat or kill a run
at any moment: the next one resumes. Unchanged records are not written again.

Name lists to read only those. The default is all lists:

\b
{click.wrap_text(", ".join(CATALOGUE), 78, "  ", "  ")}

and, after them, the details of their records, up to --max-details requests:

\b
{click.wrap_text(", ".join(DETAILS), 78, "  ", "  ")}

\b
Examples:
  python -m loaders extract                                  all lists, incrementally
  python -m loaders extract work_orders assets               two lists
  python -m loaders extract --due                            only lists that are due
  python -m loaders extract work_orders --since 2025-01-01   changes since a date
  python -m loaders extract --sweep                          check for deletions now
  python -m loaders extract --full                           full refresh
"""


@click.command("extract", help=HELP)
@click.argument("lists", nargs=-1, metavar="[LIST ...]")
@click.option("--full", is_flag=True, help="Read the lists anew as a whole; history is kept.")
@click.option("--since", type=Moment(), help="Read again what changed since this date (UTC).")
@click.option("--sweep", is_flag=True, help="Check for deletions and missed changes now.")
@click.option(
    "--due",
    is_flag=True,
    help="Skip lists without a change filter that were read within their interval.",
)
@incremental_options
@reading_options
def command(
    lists: tuple[str, ...],
    full: bool,
    since: datetime | None,
    sweep: bool,
    due: bool,
    incremental: Incremental,
    reading: Reading,
) -> None:
    reading.set_up_logging()
    configured = settings.from_environment()
    resources, details = named_with_details(lists)
    options = incremental.options(
        resources,
        reading.workers,
        details=details,
        full=full,
        since=since,
        sweep=sweep,
        due=due,
    )
    with opened_run(configured, options, reading, stop_on_signals()) as run:
        summary = refresh(run, command_line())
    if not reading.quiet:
        say(summary_table(summary))
    sys.exit(summary.exit_code)
