"""The command line: `python -m loaders COMMAND`.

Exit codes: 0 done, 1 done in part or something found, 2 wrong use or settings, 3 the warehouse is
held by another run.
"""

import json
import signal
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict
from datetime import timedelta
from types import FrameType
from typing import Any

import click

from loaders import settings
from loaders.commands import trust as trusting
from loaders.commands.console import (
    ProgressBar,
    ProgressLines,
    columns,
    findings_table,
    set_up_logging,
    status_table,
    summary_table,
)
from loaders.commands.dbt import dbt_command
from loaders.commands.export import export_group, publish_command
from loaders.commands.parameters import Beat, Duration, Moment, with_options
from loaders.errors import ForbiddenError, LoaderError, SettingsError
from loaders.extract import reconcile as reconciling
from loaders.extract.options import Options
from loaders.extract.run import Extraction, Summary
from loaders.extract.sync import cycles
from loaders.maintainx.account import organizations
from loaders.maintainx.catalogue import CATALOGUE, Resource, Strategy, named
from loaders.maintainx.client import Client
from loaders.maintainx.quota import Governor
from loaders.maintainx.records import read_page
from loaders.warehouse import lock, status
from loaders.warehouse.file import RawFile

common = with_options(
    click.option(
        "--workers",
        type=click.IntRange(1, 16),
        default=4,
        show_default=True,
        help="Lists, and records by id, that are read at a time.",
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
        "--timeout",
        type=Duration(),
        default="30s",
        show_default=True,
        help="A request without an answer for this long is tried again.",
    ),
    click.option(
        "--log-format",
        type=click.Choice(["text", "json"]),
        default="text",
        show_default=True,
        help="How log lines are written to standard error.",
    ),
    click.option("-q", "--quiet", is_flag=True, help="Say nothing but warnings and errors."),
    click.option("-v", "--verbose", is_flag=True, help="Log every request."),
)
"""The options of every command that reads MaintainX."""


incremental = with_options(
    click.option(
        "--beat",
        "beats",
        type=Beat(),
        multiple=True,
        metavar="LIST=TIME",
        help="With --due, how often a list is read, such as users=12h. May be repeated.",
    ),
    click.option(
        "--overlap",
        type=Duration(),
        default="2h",
        show_default=True,
        help="How far before the last change seen to ask from, as lists lag behind.",
    ),
    click.option(
        "--labour-days",
        type=click.IntRange(0),
        default=14,
        show_default=True,
        help="Labour and costs of orders done within these days are read again.",
    ),
    click.option(
        "--labour-beat",
        type=Duration(),
        default="6h",
        show_default=True,
        help="How often labour and costs of open and lately done orders are read again.",
    ),
    click.option(
        "--sweep-beat",
        type=Duration(),
        default="24h",
        show_default=True,
        help="How often deletions are looked for where a list tells changes only.",
    ),
    click.option(
        "--max-deletions",
        type=click.IntRange(0, 100),
        default=10,
        show_default=True,
        metavar="PERCENT",
        help="Refuse to delete when more than this share of a list is missing in MaintainX.",
    ),
)
"""The options that `extract` and `sync` share."""


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


main.add_command(dbt_command)
main.add_command(export_group)
main.add_command(publish_command)

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
@incremental
@common
def extract(lists: tuple[str, ...], **given: Any) -> None:
    set_up_logging(given["verbose"], given["quiet"], given["log_format"])
    configured = settings.from_environment()
    options = extract_options(lists, given)
    summary = run_extract(configured, options, given, stop_on_signals())
    if not given["quiet"]:
        click.echo(summary_table(summary))
    sys.exit(summary.exit_code)


def extract_options(lists: tuple[str, ...], given: dict[str, Any]) -> Options:
    """The command line's words as Options. Raises SettingsError for an unknown list."""
    return Options(
        resources=tuple(named(lists)),
        full=given.get("full", False),
        since=given.get("since"),
        sweep=given.get("sweep", False),
        due=given.get("due", True),
        beats=dict(given["beats"]),
        overlap=given["overlap"],
        labour_days=given["labour_days"],
        labour_beat=given["labour_beat"],
        sweep_beat=given["sweep_beat"],
        max_deletions=given["max_deletions"] / 100,
        workers=given["workers"],
    )


@contextmanager
def opened_run(
    configured: settings.Settings, options: Options, given: dict[str, Any], stop: threading.Event
) -> Iterator[Extraction]:
    """A run under the lock, with its client and its progress."""
    command = " ".join(sys.argv[1:])
    governor = Governor(given["leave_quota"] / 100, stop)
    bar = not given["quiet"] and not given["verbose"] and sys.stderr.isatty()
    with (
        lock.held(configured.warehouse, command),
        Client(configured, governor, stop, given["timeout"].total_seconds()) as client,
        ProgressBar() if bar else ProgressLines() as progress,
    ):
        yield Extraction(configured, client, RawFile(configured.warehouse), options, progress)


def run_extract(
    configured: settings.Settings, options: Options, given: dict[str, Any], stop: threading.Event
) -> Summary:
    """One extract under the lock."""
    with opened_run(configured, options, given, stop) as run:
        return run.run(" ".join(sys.argv[1:]))


def stop_on_signals() -> threading.Event:
    """An event that SIGTERM and Ctrl-C set: the pages in flight still land on disk."""
    stop = threading.Event()

    def ask_to_stop(number: int, _frame: FrameType | None) -> None:
        stop.set()
        signal.signal(number, signal.SIG_DFL)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, ask_to_stop)
    return stop


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


@main.command("status")
@click.option("--json", "as_json", is_flag=True, help="For machines: one JSON array.")
def show_status(as_json: bool) -> None:
    """Say how fresh each list is, what is due, and what was deleted or rejected.

    Exit code 1 where a list's last walk failed or was refused.
    """
    lists = status.read(settings.warehouse_path())
    if as_json:
        click.echo(json.dumps([asdict(one) for one in lists], default=str, indent=2))
    else:
        click.echo(status_table(lists))
    sys.exit(int(any(one.last_state in ("failed", "refused", "partial") for one in lists)))


@main.command()
@click.argument("lists", nargs=-1, metavar="[LIST ...]")
@click.option("--mend", is_flag=True, help="Read again what differs; delete what answers 404.")
@common
def reconcile(lists: tuple[str, ...], mend: bool, **given: Any) -> None:
    """Compare the warehouse with what MaintainX holds now, record by record.

    Reads every list lean (no expand), compares ids, and the title, status and priority of work
    orders. The result stands in quality.rec_summary, quality.rec_work_orders and
    quality.rec_records. Exit code 1 where something differs.
    """
    set_up_logging(given["verbose"], given["quiet"], given["log_format"])
    configured = settings.from_environment()
    options = Options(resources=tuple(named(lists)), workers=given["workers"])
    stop = stop_on_signals()
    with opened_run(configured, options, given, stop) as run:
        reconciling.read_source(run)
        findings = reconciling.compare(configured.warehouse)
        click.echo(findings_table(findings))
        if mend and any(finding.differs for finding in findings):
            click.echo(summary_table(reconciling.mend(run)))
            findings = reconciling.compare(configured.warehouse)
            click.echo(findings_table(findings))
    sys.exit(int(any(finding.differs for finding in findings)))


@main.command()
@click.option("--json", "as_json", is_flag=True, help="For machines: one JSON object.")
def trust(as_json: bool) -> None:
    """Say on a page what can be trusted, and what is wrong.

    The last extract, the last reconciliation, the newest build's tests by severity, the worst
    offenders and the trend. Exit code 1 where a list could not be read, nothing was extracted or
    built for three days, MaintainX says something else, or a test failed that is an error; 2 where
    there is no warehouse.
    """
    picture = trusting.read(settings.warehouse_path())
    if as_json:
        click.echo(json.dumps(asdict(picture), default=str, indent=2))
    else:
        click.echo(trusting.page(picture))
    sys.exit(int(bool(picture.wrong)))


@main.command("sandbox")
@click.option("--work-orders", default=40_000, show_default=True, help="How many, 40 at least.")
@click.option("--small", is_flag=True, help="The preset for tests: 200 work orders.")
@click.option("--port", default=8800, show_default=True, help="0 takes any that is free.")
@click.option("--seed", type=int, help="Draw other data.")
@click.option("--now", help="The end of the data's three years, such as 2026-06-30T06:00:00Z.")
@click.option("--quota", type=click.IntRange(1), help="Requests a minute, 429 above it.")
@click.option("--without", multiple=True, metavar="LIST", help="A list that answers 403.")
def serve_sandbox(
    work_orders: int,
    small: bool,
    port: int,
    quota: int | None,
    without: tuple[str, ...],
    **drawn: Any,
) -> None:
    """Serve a MaintainX of our own on 127.0.0.1 until Ctrl-C, its data the same each time.

    Its keys: sandbox-key sees all organizations, sandbox-key-1 only the first.
    """
    # The other commands start sooner without it.
    import sandbox  # noqa: PLC0415

    named(without)
    chosen = {name: value for name, value in drawn.items() if value is not None}
    try:
        data = sandbox.small(**chosen) if small else sandbox.build(work_orders, **chosen)
        limit = sandbox.Quota(quota) if quota else None
        sandbox.run(sandbox.Sandbox(data, quota=limit, forbidden=without), port=port)
    except (ValueError, OSError) as error:
        raise SettingsError(str(error)) from None


@main.command()
@click.option(
    "--every",
    type=Duration(),
    default="15m",
    show_default=True,
    help="Time from one cycle's start to the next one's.",
)
@incremental
@common
def sync(every: timedelta, **given: Any) -> None:
    """Extract what is due, build and publish every model, wait, and again: until SIGTERM or Ctrl-C.

    A cycle that fails is logged and the next one comes at its time.
    """
    set_up_logging(given["verbose"], given["quiet"], given["log_format"])
    configured = settings.from_environment()
    options = extract_options((), given)
    stop = stop_on_signals()
    cycles(lambda: run_extract(configured, options, given, stop), configured.warehouse, every, stop)
