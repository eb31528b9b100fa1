"""What the command line prints: log lines, progress, tables."""

import json
import logging
import re
import sys
import threading
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import click

from loaders.extract.options import Progress
from loaders.extract.reconcile import Finding
from loaders.extract.run import Summary
from loaders.warehouse.run_log import Outcome
from loaders.warehouse.status import ListStatus


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


def summary_table(summary: Summary) -> str:
    """What a run did, for people: a line a walk of a list, its organizations added up."""
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
        f"{summary.state}: {sum(one.records_read for one in summary.outcomes):,} records read,"
        f" {written:,} rows written, {summary.requests:,} requests, {summary.seconds:.1f} s"
    )
    return f"{columns(head, rows)}\n{totals}"


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


def findings_table(findings: list[Finding]) -> str:
    """What a reconciliation found: a line a list, its organizations added up."""
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


def _note(outcome: Outcome) -> str:
    if outcome.state == "forbidden":
        return "not on this account's plan (403)"
    if outcome.error:
        return f"organization {outcome.organization_id} {outcome.state}: {outcome.error}"
    return "" if outcome.walk in ("changes", "whole", "newest") else outcome.walk


def columns(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Text in columns: numbers to the right, everything else to the left."""
    lines = [head, *rows]
    shown = []
    for cells in zip(*lines, strict=True):
        width = max(map(len, cells))
        numbers = all(re.fullmatch(r"-?[\d,.]*", cell) for cell in cells[1:])
        shown.append([cell.rjust(width) if numbers else cell.ljust(width) for cell in cells])
    return "\n".join("  ".join(line).rstrip() for line in zip(*shown, strict=True))


def status_table(lists: list[ListStatus]) -> str:
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
            one.last_state + (f": {one.last_error}" if one.last_error else ""),
        ]
        for one in lists
    ]
    return columns([*head, "deletions", "rejects", "last state"], rows)
