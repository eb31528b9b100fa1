"""The command line: `python -m loaders COMMAND`.

Exit codes: 0 done, 1 done in part or something found, 2 wrong use or settings, 3 the warehouse is
held by another run.
"""

import json
import logging
import re
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from types import FrameType
from typing import Any

import click

from loaders import lock, settings
from loaders.api import Client, Governor
from loaders.errors import ForbiddenError, LoaderError
from loaders.extract import Extraction, Options, Progress, Summary, organizations
from loaders.landing import Outcome, Warehouse
from loaders.records import read_page
from loaders.resources import CATALOGUE, Resource, Strategy, named

UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


class Duration(click.ParamType[Any]):
    """A length of time: 90s, 15m, 2h, 7d."""

    name = "duration"

    def convert(self, value: Any, param: Any, ctx: Any) -> timedelta:
        if isinstance(value, timedelta):
            return value
        if not (match := re.fullmatch(r"(\d+(?:\.\d+)?)([smhd])", str(value).strip())):
            self.fail(f"{value!r} is no length of time; write 90s, 15m, 2h or 7d", param, ctx)
        return timedelta(**{UNITS[match[2]]: float(match[1])})


class Moment(click.ParamType[Any]):
    """A date or a date and time, UTC unless it says another offset."""

    name = "date"

    def convert(self, value: Any, param: Any, ctx: Any) -> datetime:
        if isinstance(value, datetime):
            return value
        try:
            moment = datetime.fromisoformat(str(value))
        except ValueError:
            self.fail(f"{value!r} is no date; write 2026-01-31 or 2026-01-31T08:00", param, ctx)
        if moment.tzinfo is None:
            return moment
        return moment.astimezone(UTC).replace(tzinfo=None)


class Beat(click.ParamType[Any]):
    """LIST=DURATION, such as users=12h."""

    name = "list=duration"

    def convert(self, value: Any, param: Any, ctx: Any) -> tuple[str, timedelta]:
        if isinstance(value, tuple):
            return value
        name, _, length = str(value).partition("=")
        if name not in CATALOGUE:
            self.fail(f"no such list: {name!r}", param, ctx)
        return name, Duration().convert(length, param, ctx)


class JsonFormatter(logging.Formatter):
    """One JSON object a line: time (UTC), level, logger, message."""

    def format(self, record: logging.LogRecord) -> str:
        moment = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line = {
            "time": moment,
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        return json.dumps(line, ensure_ascii=False)


def set_up_logging(verbose: bool, quiet: bool, log_format: str) -> None:
    """Log to standard error: warnings with -q or beside a progress bar, each request with -v."""
    handler = logging.StreamHandler()
    if log_format == "json":
        handler.setFormatter(JsonFormatter())
    else:
        handler.setFormatter(logging.Formatter("%(asctime)s %(message)s", "%H:%M:%S"))
    logger = logging.getLogger("loaders")
    logger.handlers[:] = [handler]
    logger.propagate = False
    level = logging.DEBUG if verbose else logging.INFO
    if quiet or (not verbose and sys.stderr.isatty()):
        level = logging.WARNING
    logger.setLevel(level)


def common(command: Callable[..., None]) -> Callable[..., None]:
    """The options that every command which reads MaintainX has."""
    for option in (
        click.option("-v", "--verbose", is_flag=True, help="Log every request."),
        click.option("-q", "--quiet", is_flag=True, help="Say nothing but warnings and errors."),
        click.option(
            "--log-format",
            type=click.Choice(["text", "json"]),
            default="text",
            show_default=True,
            help="How log lines are written to standard error.",
        ),
        click.option(
            "--timeout",
            type=Duration(),
            default="30s",
            show_default=True,
            help="A request without an answer for this long is tried again.",
        ),
        click.option(
            "--leave-quota",
            type=click.IntRange(0, 90),
            default=20,
            show_default=True,
            metavar="PERCENT",
            help="Share of the rate limit that is left to your other integrations.",
        ),
        click.option(
            "--workers",
            type=click.IntRange(1, 16),
            default=4,
            show_default=True,
            help="Lists, and records by id, that are read at a time.",
        ),
    ):
        command = option(command)
    return command


class Commands(click.Group):
    """Turns what the loaders raise into one line on standard error and the exit code."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except LoaderError as error:
            click.echo(f"error: {error}", err=True)
            sys.exit(error.exit_code)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Land what MaintainX says in a DuckDB warehouse.

    \b
    MAINTAINX_API_KEY           your key (Settings > Integrations > API Keys)
    MAINTAINX_ORGANIZATION_IDS  which organizations, commas between; unset: all that the key sees
    MAINTAINX_WAREHOUSE         the DuckDB file; unset: warehouse.duckdb here
    MAINTAINX_BASE_URL          unset: https://api.getmaintainx.com/v1

    Exit codes: 0 done, 1 done in part or something found, 2 wrong use or settings, 3 the warehouse
    is held by another run.
    """


EXTRACT_HELP = f"""Read MaintainX and land what is new, changed or deleted.

The first run reads everything. A later run asks for what changed since: safe to repeat and to kill
at any moment, it goes on where it stopped. The same answer twice writes nothing.

Name lists to read only those; without names all are read:

\b
{click.wrap_text(", ".join(CATALOGUE), 78, "  ", "  ")}

\b
Examples:
  python -m loaders extract                            everything, incrementally
  python -m loaders extract work_orders assets         two lists
  python -m loaders extract --due                      for a scheduler: leave what is fresh
  python -m loaders extract work_orders --since 2025-01-01   read again from a date on
  python -m loaders extract --sweep                    look for deletions now
  python -m loaders extract --full                     walk everything again
"""


@main.command(help=EXTRACT_HELP)
@click.argument("lists", nargs=-1, metavar="[LIST ...]")
@click.option("--full", is_flag=True, help="Walk every list again; history is kept.")
@click.option("--since", type=Moment(), help="Read again what changed since this date (UTC).")
@click.option("--sweep", is_flag=True, help="Look for deletions and missed changes now.")
@click.option(
    "--due",
    is_flag=True,
    help="Leave out lists without a change filter that were read within their beat.",
)
@click.option(
    "--beat",
    "beats",
    type=Beat(),
    multiple=True,
    metavar="LIST=TIME",
    help="With --due, how often a list is read, such as users=12h. May be repeated.",
)
@click.option(
    "--overlap",
    type=Duration(),
    default="2h",
    show_default=True,
    help="How far before the last change seen to ask from, as MaintainX's lists lag behind.",
)
@click.option(
    "--labour-days",
    type=click.IntRange(0),
    default=14,
    show_default=True,
    help="Labour and costs of orders done within these days are read again.",
)
@click.option(
    "--labour-beat",
    type=Duration(),
    default="6h",
    show_default=True,
    help="How often labour and costs of open and lately done orders are read again.",
)
@click.option(
    "--sweep-beat",
    type=Duration(),
    default="24h",
    show_default=True,
    help="How often deletions of work orders, assets, parts and purchase orders are looked for.",
)
@click.option(
    "--max-deletions",
    type=click.IntRange(0, 100),
    default=10,
    show_default=True,
    metavar="PERCENT",
    help="Refuse to delete when more than this share of a list is missing in MaintainX.",
)
@common
def extract(lists: tuple[str, ...], **given: Any) -> None:
    set_up_logging(given["verbose"], given["quiet"], given["log_format"])
    configured = settings.from_environment()
    options = extract_options(lists, given)
    summary = run_extract(configured, options, given)
    if not given["quiet"]:
        click.echo(table(summary))
    sys.exit(summary.exit_code)


def extract_options(lists: tuple[str, ...], given: dict[str, Any]) -> Options:
    """The command line's words as Options. Raises SettingsError for an unknown list."""
    return Options(
        resources=tuple(named(lists)),
        full=given["full"],
        since=given["since"],
        sweep=given["sweep"],
        due=given["due"],
        beats=dict(given["beats"]),
        overlap=given["overlap"],
        labour_days=given["labour_days"],
        labour_beat=given["labour_beat"],
        sweep_beat=given["sweep_beat"],
        max_deletions=given["max_deletions"] / 100,
        workers=given["workers"],
    )


def run_extract(configured: settings.Settings, options: Options, given: dict[str, Any]) -> Summary:
    """One extract under the lock; SIGTERM and Ctrl-C end it after the pages in flight."""
    stop = threading.Event()

    def ask_to_stop(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, ask_to_stop)
    command = " ".join(["extract", *sys.argv[2:]])
    governor = Governor(given["leave_quota"] / 100, stop)
    bar = not given["quiet"] and not given["verbose"] and sys.stderr.isatty()
    with (
        lock.held(configured.warehouse, command),
        Client(configured, governor, stop, given["timeout"].total_seconds()) as client,
        ProgressBar() if bar else ProgressLines() as progress,
    ):
        warehouse = Warehouse(configured.warehouse)
        run = Extraction(configured, client, warehouse, options, stop, progress)
        return run.run(command)


class ProgressLines(Progress):
    """A log line for each list that is through."""

    def __enter__(self) -> "ProgressLines":
        return self

    def __exit__(self, *_error: object) -> None:
        pass

    def end(self, outcomes: list[Outcome]) -> None:
        for one in outcomes:
            if one.state in ("done", "refused"):
                logging.getLogger(__name__).info(
                    "%s (%s, organization %d): %d read, %d new, %d changed, %d deleted, %.1f s",
                    one.resource,
                    one.walk,
                    one.organization_id,
                    one.records_read,
                    one.inserted,
                    one.updated,
                    one.deleted,
                    one.seconds,
                )


class ProgressBar(Progress):
    """A bar on the terminal: lists that are through, and what is being read."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._bar: Any = None

    def __enter__(self) -> "ProgressBar":
        return self

    def __exit__(self, *_error: object) -> None:
        if self._bar is not None:
            self._bar.render_finish()

    def begin(self, lists: int) -> None:
        self._bar = click.progressbar(
            length=lists,
            label="extract",
            file=sys.stderr,
            show_pos=True,
            show_eta=False,
            item_show_func=lambda item: item,
        )
        self._bar.render_progress()

    def page(self, outcome: Outcome, records: int) -> None:
        with self._lock:
            self._bar.update(0, f"{outcome.resource} {records:,}")

    def end(self, outcomes: list[Outcome]) -> None:
        with self._lock:
            self._bar.update(1, outcomes[-1].resource if outcomes else None)


def table(summary: Summary) -> str:
    """What a run did, a line a list, for people."""
    several = len({outcome.organization_id for outcome in summary.outcomes}) > 1
    head = ["list", "read", "new", "changed", "same", "deleted", "rejected", "requests", "note"]
    rows = [
        [
            f"{one.resource} ({one.organization_id})" if several else one.resource,
            *(
                f"{number:,}"
                for number in (
                    one.records_read,
                    one.inserted,
                    one.updated,
                    one.unchanged,
                    one.deleted,
                    one.rejected,
                    one.requests,
                )
            ),
            _note(one),
        ]
        for one in summary.outcomes
    ]
    totals = (
        f"{summary.state}: {sum(one.records_read for one in summary.outcomes):,} records read,"
        f" {sum(one.inserted + one.updated + one.deleted for one in summary.outcomes):,} rows"
        f" written, {summary.requests:,} requests, {summary.seconds:.1f} s"
    )
    return f"{columns(head, rows)}\n{totals}"


def _note(outcome: Outcome) -> str:
    if outcome.state == "forbidden":
        return "not on this account's plan (403)"
    if outcome.error:
        return f"{outcome.state}: {outcome.error}"
    return "" if outcome.walk in ("changes", "whole", "newest") else outcome.walk


def columns(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Text in columns: numbers to the right, the first and the last column to the left."""
    widths = [max(len(line[at]) for line in [head, *rows]) for at in range(len(head) - 1)]
    lines = []
    for line in [head, *rows]:
        cells = [line[0].ljust(widths[0])]
        cells += [cell.rjust(width) for cell, width in zip(line[1:-1], widths[1:], strict=True)]
        lines.append("  ".join([*cells, line[-1]]).rstrip())
    return "\n".join(lines)


@main.command()
@click.argument("lists", nargs=-1, metavar="[LIST ...]")
@common
def check(lists: tuple[str, ...], **given: Any) -> None:
    """Say in seconds whether the key, the organizations and each list can be read.

    Asks for one record of each list. A list that is not on your plan (403) is no failure.
    """
    set_up_logging(given["verbose"], given["quiet"], given["log_format"])
    configured = settings.from_environment()
    stop = threading.Event()
    governor = Governor(given["leave_quota"] / 100, stop)
    with Client(configured, governor, stop, given["timeout"].total_seconds()) as client:
        pages, refusal = organizations(client, configured.organization_ids)
        click.echo(f"key accepted by {configured.base_url}")
        for number, page in pages.items():
            names = [str(record.data.get("name", "")) for record in page.records]
            click.echo(f"organization {number} {''.join(names)}".rstrip())
        if refusal is not None:
            click.echo(f"organizations: {refusal}")
        tasks = [
            (number, resource)
            for number in pages
            for resource in named(lists)
            if resource.name != "organizations"
        ]
        with ThreadPoolExecutor(given["workers"]) as pool:
            answers = list(pool.map(lambda task: _probe(client, *task), tasks))
    rows = [
        [resource.name, str(number), answer]
        for (number, resource), answer in zip(tasks, answers, strict=True)
    ]
    click.echo(columns(["list", "organization", "can be read"], rows))
    sys.exit(int(any(answer.startswith("no:") for answer in answers)))


def _probe(client: Client, organization: int, resource: Resource) -> str:
    query = {} if resource.collection is None else {"limit": "1"}
    if resource.strategy is Strategy.CHANGED_SINCE:
        query["sort"] = "updatedAt"
    try:
        client.get(
            resource.path, query, organization, lambda text: read_page(text, resource.collection)
        )
    except ForbiddenError:
        return "not on this account's plan (403)"
    except LoaderError as error:
        return f"no: {error}"
    return "yes"
