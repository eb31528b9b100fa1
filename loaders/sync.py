"""Extract, build and publish, again and again, until told to stop."""

import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from loaders.errors import LoaderError
from loaders.extract import Summary
from loaders.publish import publish

log = logging.getLogger(__name__)

# Unit tests hold of the SQL, whatever the data: CI runs them.
BUILD = ("build", "--quiet", "--exclude-resource-type", "unit_test")
PROJECT = Path(__file__).resolve().parent.parent


def dbt(warehouse: Path, *arguments: str, stop: threading.Event | None = None) -> int:
    """Run dbt on this project and `warehouse`; gives its exit code.

    The key is not passed on, as dbt reads no MaintainX. When `stop` is set, dbt is asked to end.
    """
    environment = {name: text for name, text in os.environ.items() if name != "MAINTAINX_API_KEY"}
    environment["MAINTAINX_WAREHOUSE"] = str(warehouse.absolute())
    place = ["--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT)]
    command = [str(Path(sys.executable).with_name("dbt")), *arguments, *place]
    process = subprocess.Popen(command, env=environment, start_new_session=True)  # noqa: S603
    while process.poll() is None:
        if stop is not None and stop.wait(0.2):
            process.terminate()
            return process.wait()
        if stop is None:
            process.wait()
    return process.returncode


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
        log.error("this cycle's extract failed: %s", error)
        return
    log.info("extract %s: %d requests in %.0f s", summary.state, summary.requests, summary.seconds)
    if stop.is_set():
        return
    code = dbt(warehouse, *BUILD, stop=stop)
    if stop.is_set():
        return
    if code:
        log.error("this cycle's dbt build ended with %d; what it printed says why", code)
        return
    try:
        publish(warehouse)
    except LoaderError as error:
        log.error("this cycle's build was not published: %s", error)
