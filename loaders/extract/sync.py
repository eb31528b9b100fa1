"""Extract, build and publish: one cycle, or cycles at an interval and after signals of `listen`."""

import logging
import threading
import time
from collections.abc import Callable, Sized
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import duckdb

from loaders import last_build
from loaders.dbt import build
from loaders.errors import (
    LoaderError,
    SettingsError,
    StoppedError,
    WarehouseHeldError,
    explained,
)
from loaders.extract.run import Summary
from loaders.printing import counted
from loaders.warehouse import lock, signals

log = logging.getLogger(__name__)

# How often the file of signals is looked for, in seconds.
LOOK = 1.0
# Seconds until signals are read again after a cycle that failed.
AFTER_FAILURE = 60.0


@dataclass(frozen=True)
class Sync:
    """Extract, build and publish `warehouse`; `stop` ends it.

    extract: reads what is due, or only what signals mark. rebuild_after: the age at which a build
    is made anew though nothing has changed since. collect: how long signals are collected.
    """

    extract: Callable[[bool], Summary]
    publish: Callable[[Path], tuple[Path, Sized]]
    warehouse: Path
    stop: threading.Event
    rebuild_after: timedelta
    collect: timedelta

    def repeat(self, every: timedelta) -> None:
        """Run a cycle each `every`, from start to start, until stopped; one more after signals.

        If a cycle fails, its error is logged and the next cycle starts on time. Raises LoaderError
        where no cycle can succeed: a refused key, an unknown organization, a wrong setting.
        """
        while not self.stop.is_set():
            next_one = time.monotonic() + every.total_seconds()
            self.once()
            if not self.stop.is_set():
                log.info("next cycle in %.0f s", max(0.0, next_one - time.monotonic()))
            self._follow_signals(next_one)

    def _follow_signals(self, until: float) -> None:
        """Wait for the next cycle, and run one for each burst of signals meanwhile."""
        while (left := until - time.monotonic()) > 0 and not self.stop.wait(min(LOOK, left)):
            if not signals.are_new(self.warehouse) or self.stop.wait(self.collect.total_seconds()):
                continue
            if self.once(only_marked=True):
                self.stop.wait(max(0.0, min(AFTER_FAILURE, until - time.monotonic())))

    def once(self, *, only_marked: bool = False) -> int:
        """Run one cycle; gives the exit code. What was loaded is built, also if a list failed.

        only_marked: it reads only what signals mark.

        Nothing is built where the last build holds: see `last_build.still_holds`.

        Raises LoaderError as `repeat` does.
        """
        try:
            with lock.held(self.warehouse, "sync", kind=lock.BUILD):
                return self._cycle(only_marked)
        except WarehouseHeldError as error:
            log.error("the cycle did not start: %s", error)
            return error.exit_code

    def _cycle(self, only_marked: bool) -> int:
        try:
            summary = self.extract(only_marked)
        except (LoaderError, OSError, duckdb.Error) as error:
            if _code(error) == SettingsError.exit_code:
                raise
            log.error("the extract failed: %s", explained(error))
            return _code(error)
        log.info(
            "extract %s: %s in %.0f s",
            summary.state,
            counted(summary.requests, "request"),
            summary.seconds,
        )
        if self.stop.is_set():
            return summary.exit_code
        try:
            if at := last_build.still_holds(self.warehouse, self.rebuild_after):
                log.info("nothing new since the build of %s UTC: not built", f"{at:%H:%M:%S}")
            elif not self._build():
                return 1
        except StoppedError as error:
            log.warning("%s", error)
            return error.exit_code
        except (LoaderError, OSError, duckdb.Error) as error:
            log.error("not built or not published: %s", explained(error))
            return _code(error) if isinstance(error, WarehouseHeldError) else 1
        return summary.exit_code

    def _build(self) -> bool:
        """Build and publish; whether the build succeeded."""
        begun = last_build.start()
        started = time.monotonic()
        built = build(self.warehouse, self.stop)
        counts, *found = map(str.strip, built.text.splitlines())
        if built.code:
            log.error("not published: %s", "; ".join([counts, *found]))
            return False
        log.info("build done: %s in %.0f s", counts, time.monotonic() - started)
        started = time.monotonic()
        path, marts = self.publish(self.warehouse)
        seconds = time.monotonic() - started
        log.info("publish done: %s to %s in %.0f s", counted(len(marts), "mart"), path, seconds)
        last_build.keep(self.warehouse, begun)
        return True


def _code(error: Exception) -> int:
    return error.exit_code if isinstance(error, LoaderError) else LoaderError.exit_code
