"""Extract, build and publish, again and again, until told to stop."""

import logging
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from loaders.dbt import BUILD, dbt
from loaders.errors import LoaderError, SettingsError
from loaders.export.publish import publish
from loaders.extract.run import Summary

log = logging.getLogger(__name__)


def cycles(
    extract: Callable[[], Summary], warehouse: Path, every: timedelta, stop: threading.Event
) -> None:
    """A cycle each `every`, measured from start to start, until `stop` is set.

    A cycle that fails is logged, and the next one comes at its time.
    """
    while not stop.is_set():
        started = time.monotonic()
        _cycle(extract, warehouse, stop)
        wait = max(0.0, every.total_seconds() - (time.monotonic() - started))
        if not stop.is_set():
            log.info("next cycle in %.0f s", wait)
        stop.wait(wait)


def _cycle(extract: Callable[[], Summary], warehouse: Path, stop: threading.Event) -> None:
    try:
        summary = extract()
    except LoaderError as error:
        if error.exit_code == SettingsError.exit_code:
            raise
        log.error("this cycle's extract failed: %s", error)
        return
    log.info("extract %s: %d requests in %.0f s", summary.state, summary.requests, summary.seconds)
    if stop.is_set():
        return
    try:
        code = dbt(warehouse, *BUILD, stop=stop)
        if stop.is_set():
            return
        if code:
            log.error("this cycle's dbt build ended with %d; what it printed says why", code)
            return
        publish(warehouse)
    except LoaderError as error:
        log.error("this cycle's build was not published: %s", error)
