"""`python -m loaders status`."""

import json
import sys
from collections import Counter
from dataclasses import asdict
from datetime import datetime

import click

from loaders import settings
from loaders.commands.console import columns
from loaders.printing import say
from loaders.warehouse import signals, status
from loaders.warehouse.signals import Waiting
from loaders.warehouse.status import ListStatus, Run

# As the sources' freshness and quality.health_alerts say.
STALE_HOURS = 72
OTHER = {
    "forbidden": "not on your plan",
    "unseen": "no longer seen",
    "retired": "retired",
    "waiting": "waiting for a first read",
}
ALWAYS_COUNTED = ("fresh", "stale", "failed", "partial", "never read", OTHER["forbidden"])
COUNTED_IF_ANY = (OTHER["unseen"], OTHER["retired"], OTHER["waiting"])
WELL = ("fresh", OTHER["forbidden"], OTHER["retired"], OTHER["waiting"])


@click.command("status")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON array.")
def command(as_json: bool) -> None:
    """Show how fresh each list is, what is due, and what was deleted or rejected.

    Signals of `listen` that wait, and webhooks that it did not understand, are counted.

    Exit code 1 if the last run failed or was killed, or if the records of a list are not all
    there: its last read failed or left records out, its deletions were refused, it was not read
    for three days, or the key no longer sees its organization.

    \b
    Examples:
      python -m loaders status
      python -m loaders status --json
    """
    warehouse = settings.warehouse_path()
    run, lists = status.read(warehouse)
    if as_json:
        say(json.dumps([asdict(one) for one in lists], default=str, indent=2))
    else:
        webhooks = _webhooks(signals.waiting(warehouse))
        say(f"{_last_run(run)}{_summary(lists)}\n{webhooks}\n{_table(lists)}")
    died = run is not None and run.state in ("failed", "killed")
    sys.exit(int(died or any(_kind(one) not in WELL for one in lists)))


def _last_run(run: Run | None) -> str:
    if run is None:
        return ""
    said = f": {run.error}" if run.error and run.state in ("failed", "killed") else ""
    moment = run.ended_at or run.started_at
    return f"last run `{run.command}`: {run.state} {moment:%Y-%m-%d %H:%M} UTC{said}\n"


def _webhooks(waiting: Waiting) -> str:
    """Signals and dead letters of `listen`; '' without any."""
    told = ""
    if waiting.since:
        since = f"{datetime.fromisoformat(waiting.since):%Y-%m-%d %H:%M} UTC"
        told += f"{waiting.signals:,} signals of webhooks wait for `sync` since {since}\n"
    if waiting.dead_letters:
        told += (
            f"{waiting.dead_letters:,} webhooks were signed but not understood: look at"
            f" {waiting.dead_letters_in}, then delete it\n"
        )
    return told


def _kind(one: ListStatus) -> str:
    if one.last_state in ("failed", "refused"):
        return "failed"
    if one.last_state == "partial":
        return "partial"
    if one.last_state in OTHER:
        return OTHER[one.last_state]
    if one.lag_hours is None:
        return "never read"
    return "stale" if one.lag_hours > STALE_HOURS else "fresh"


def _summary(lists: list[ListStatus]) -> str:
    """Number of lists by state, and their newest and oldest success."""
    kinds = Counter(_kind(one) for one in lists)
    counted = [*ALWAYS_COUNTED, *(kind for kind in COUNTED_IF_ANY if kinds[kind])]
    counts = ", ".join(f"{kinds[kind]} {kind}" for kind in counted)
    lines = [f"{len(lists)} lists of all organizations: {counts}"]
    successes = [one.last_success for one in lists if one.last_success]
    if successes:
        lines.append(
            f"newest success {max(successes):%Y-%m-%d %H:%M} UTC, oldest"
            f" {min(successes):%Y-%m-%d %H:%M} UTC; stale means no success for {STALE_HOURS} hours"
        )
    if ahead := sum(one.reads_ahead for one in lists):
        lines.append(
            f"{ahead} reads ended in the future and do not count, because a clock was ahead:"
            " correct the clock, then run `make extract`"
        )
    return "\n".join(lines)


def _state(one: ListStatus) -> str:
    if one.details_read == one.details_total:
        return one.last_state
    return f"{one.last_state}, {one.details_read:,} of {one.details_total:,} read"


def _table(lists: list[ListStatus]) -> str:
    head = ["list", "organization", "rows", "last success (UTC)", "hours ago", "next due (UTC)"]
    rows = [
        [
            one.resource,
            str(one.organization_id),
            f"{one.rows:,}",
            f"{one.last_success:%Y-%m-%d %H:%M}" if one.last_success else "never",
            "" if one.lag_hours is None else f"{one.lag_hours:.1f}",
            f"{one.next_due:%Y-%m-%d %H:%M}" if one.next_due else "every run",
            f"{one.deletions:,}",
            f"{one.rejects:,}",
            _state(one) + (f": {one.last_error}" if one.last_error else ""),
        ]
        for one in lists
    ]
    return columns([*head, "deletions", "rejects", "last state"], rows)
