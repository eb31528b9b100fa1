"""Extract, build and publish in cycles until stopped."""

import logging
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import duckdb

from loaders.dbt import BUILD, dbt
from loaders.errors import LoaderError, SettingsError, explained
from loaders.extract.run import Summary

log = logging.getLogger(__name__)


def cycles(
    extract: Callable[[], Summary],
    publish: Callable[[Path], object],
    warehouse: Path,
    every: timedelta,
    stop: threading.Event,
) -> None:
    """Run a cycle each `every`, from start to start, until `stop` is set.

    If a cycle fails, its error is logged and the next cycle starts on time.
    """
    while not stop.is_set():
        started = time.monotonic()
        _cycle(extract, publish, warehouse, stop)
        wait = max(0.0, every.total_seconds() - (time.monotonic() - started))
        if not stop.is_set():
            log.info("next cycle in %.0f s", wait)
        stop.wait(wait)


def _cycle(
    extract: Callable[[], Summary],
    publish: Callable[[Path], object],
    warehouse: Path,
    stop: threading.Event,
) -> None:
    try:
        summary = extract()
    except (LoaderError, OSError, duckdb.Error) as error:
        if isinstance(error, LoaderError) and error.exit_code == SettingsError.exit_code:
            raise
        log.error("extract failed: %s; the next cycle tries again", explained(error))
        return
    log.info("extract %s: %d requests in %.0f s", summary.state, summary.requests, summary.seconds)
    if stop.is_set():
        return
    try:
        code = dbt(warehouse, *BUILD, stop=stop)
        if stop.is_set():
            return
        if code:
            log.error(
                "dbt build ended with exit code %d: see above; the next cycle tries again",
                code,
            )
            return
        publish(warehouse)
    except (LoaderError, OSError, duckdb.Error) as error:
        log.error("the build was not published: %s; the next cycle tries again", explained(error))
