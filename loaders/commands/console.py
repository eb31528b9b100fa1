"""How commands print: log lines, progress, columns."""

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
from loaders.printing import TextFormatter, printable
from loaders.warehouse.outcome import Outcome


class JsonFormatter(logging.Formatter):
    """One JSON object per line: time (UTC), level, logger, message."""

    def format(self, record: logging.LogRecord) -> str:
        moment = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line = {
            "time": moment,
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        return json.dumps(line)


def set_up_logging(verbose: bool, quiet: bool, log_format: str) -> None:
    """Log to standard error: only warnings with -q or a progress bar, every request with -v."""
    handler = logging.StreamHandler()
    if log_format == "json":
        handler.setFormatter(JsonFormatter())
    else:
        handler.setFormatter(TextFormatter())
    logger = logging.getLogger("loaders")
    logger.handlers[:] = [handler]
    logger.propagate = False
    level = logging.DEBUG if verbose else logging.INFO
    if quiet or (not verbose and sys.stderr.isatty()):
        level = logging.WARNING
    logger.setLevel(level)


class ProgressLines(Progress):
    """One log line per finished list."""

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
    """A progress bar on the terminal: finished lists, and the list that is being read."""

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


def columns(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table as text: numbers aligned right, everything else left."""
    lines = [head, *([printable(" ".join(cell.split())) for cell in row] for row in rows)]
    shown = []
    for cells in zip(*lines, strict=True):
        width = max(map(len, cells))
        numbers = all(re.fullmatch(r"-?[\d,.]*", cell) for cell in cells[1:])
        shown.append([cell.rjust(width) if numbers else cell.ljust(width) for cell in cells])
    return "\n".join("  ".join(line).rstrip() for line in zip(*shown, strict=True))
