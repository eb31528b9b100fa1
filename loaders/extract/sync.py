"""Extract, build and publish: one cycle, or cycles until stopped."""

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
from loaders.warehouse import lock

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Sync:
    """Extract, build and publish `warehouse`; `stop` ends it.

    rebuild_after: the age at which a build is made anew though nothing has changed since.
    """

    extract: Callable[[], Summary]
    publish: Callable[[Path], tuple[Path, Sized]]
    warehouse: Path
    stop: threading.Event
    rebuild_after: timedelta

    def repeat(self, every: timedelta) -> None:
        """Run a cycle each `every`, from start to start, until stopped.

        If a cycle fails, its error is logged and the next cycle starts on time. Raises LoaderError
        where no cycle can succeed: a refused key, an unknown organization, a wrong setting.
        """
        while not self.stop.is_set():
            started = time.monotonic()
            self.once()
            wait = max(0.0, every.total_seconds() - (time.monotonic() - started))
            if not self.stop.is_set():
                log.info("next cycle in %.0f s", wait)
            self.stop.wait(wait)

    def once(self) -> int:
        """Run one cycle; gives the exit code. What was loaded is built, also if a list failed.

        Nothing is built where the last build holds: see `last_build.still_holds`.

        Raises LoaderError as `repeat` does.
        """
        try:
            with lock.held(self.warehouse, "sync", kind=lock.BUILD):
                return self._cycle()
        except WarehouseHeldError as error:
            log.error("the cycle did not start: %s", error)
            return error.exit_code

    def _cycle(self) -> int:
        try:
            summary = self.extract()
        except (LoaderError, OSError, duckdb.Error) as error:
            if _code(error) == SettingsError.exit_code:
                raise
            log.error("the extract failed: %s", explained(error))
            return _code(error)
        log.info(
            "extract %s: %d requests in %.0f s", summary.state, summary.requests, summary.seconds
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
        log.info("publish done: %d marts to %s in %.0f s", len(marts), path, seconds)
        last_build.keep(self.warehouse, begun)
        return True


def _code(error: Exception) -> int:
    return error.exit_code if isinstance(error, LoaderError) else LoaderError.exit_code
