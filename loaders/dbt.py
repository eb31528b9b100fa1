"""Runs dbt on this project in a separate process."""

import os
import subprocess
import sys
import threading
from pathlib import Path

from loaders.warehouse.file import paths_of, reading

# Unit tests check the SQL, not the data: CI runs them.
BUILD = ("build", "--quiet", "--exclude-resource-type", "unit_test")
PROJECT = Path(__file__).resolve().parent.parent


def dbt(warehouse: Path, *arguments: str, stop: threading.Event | None = None) -> int:
    """Run dbt on this project and `warehouse`; gives its exit code.

    The raw file is held open for reading all the while, as dbt does not wait for one who writes it.
    The key is not passed on, as dbt reads no MaintainX. When `stop` is set, dbt is asked to
    end. Raises LoaderError, before dbt makes a file, where one of the files cannot be read.
    """
    environment = {name: text for name, text in os.environ.items() if name != "MAINTAINX_API_KEY"}
    environment["MAINTAINX_WAREHOUSE"] = str(warehouse.absolute())
    place = ["--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT)]
    command = [str(Path(sys.executable).with_name("dbt")), *arguments, *place]
    for name in ("warehouse", "results"):
        if paths_of(warehouse)[name].exists():
            # Says in a line whether one is damaged or held by another program.
            with reading(warehouse, name):
                pass
    with reading(warehouse, "raw"):
        process = subprocess.Popen(command, env=environment, start_new_session=True)  # noqa: S603
        while process.poll() is None:
            if stop is not None and stop.wait(0.2):
                process.terminate()
                return process.wait()
            if stop is None:
                process.wait()
    return process.returncode
