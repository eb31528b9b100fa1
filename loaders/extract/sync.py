"""Extract, build and publish: one cycle, or cycles until stopped."""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import duckdb

from loaders.dbt import BUILD, dbt
from loaders.errors import LoaderError, SettingsError, StoppedError, explained
from loaders.extract.run import Summary

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Sync:
    """Extract, build and publish `warehouse`; `stop` ends it."""

    extract: Callable[[], Summary]
    publish: Callable[[Path], object]
    warehouse: Path
    stop: threading.Event

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

        Raises LoaderError as `repeat` does.
        """
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
            code = dbt(self.warehouse, self.stop, *BUILD)
            if code:
                log.error("dbt build ended with exit code %d: see above; not published", code)
                return 1
            self.publish(self.warehouse)
        except StoppedError as error:
            log.warning("%s", error)
            return error.exit_code
        except (LoaderError, OSError, duckdb.Error) as error:
            log.error("not built or not published: %s", explained(error))
            return _code(error)
        return summary.exit_code


def _code(error: Exception) -> int:
    return error.exit_code if isinstance(error, LoaderError) else LoaderError.exit_code
