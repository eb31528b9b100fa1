"""Runs dbt on this project in a separate process, and says what a build did."""

import json
import os
import subprocess
import sys
import threading
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from loaders.settings import PROJECT
from loaders.warehouse import lock, upgrade
from loaders.warehouse.file import RawFile, paths_of, reading

# Unit tests check the SQL, not the data: CI runs them.
BUILD = ("build", "--quiet", "--exclude-resource-type", "unit_test")
# dbt reads a relative path from the project too.
RESULTS = PROJECT / (os.environ.get("DBT_TARGET_PATH") or "target") / "run_results.json"


@dataclass(frozen=True)
class Built:
    """What a build did: its exit code, and each node's result as run_results.json has it."""

    code: int
    nodes: list[dict[str, Any]]

    @property
    def text(self) -> str:
        """Numbers of models, seeds and tests; then one line per test that did not pass."""
        found = Counter((_kind(node), node["status"]) for node in self.nodes)
        failed = found["test", "fail"] + found["test", "error"]
        lines = [
            f"{found['model', 'success']} models and {found['seed', 'success']} seeds built;"
            f" {found['test', 'pass']} tests passed, {found['test', 'warn']} warned,"
            f" {failed} failed"
        ]
        if skipped := sum(node["status"] == "skipped" for node in self.nodes):
            lines.append(f"  skipped after an error: {skipped} models and tests")
        for status, told in (("warn", "warned"), ("fail", "failed")):
            lines += [
                f"  {told}: {_name(node)}, {node['failures']:,} rows"
                for node in self.nodes
                if node["status"] == status
            ]
        lines += [f"  error: {_name(node)}" for node in self.nodes if node["status"] == "error"]
        return "\n".join(lines)


def _kind(node: dict[str, Any]) -> str:
    return str(node["unique_id"]).split(".")[0]


def _name(node: dict[str, Any]) -> str:
    return str(node["unique_id"]).split(".")[2]


def build(warehouse: Path, *arguments: str) -> Built:
    """Build and test the models; dbt prints errors only. Raises LoaderError as `dbt` does."""
    RESULTS.unlink(missing_ok=True)
    code = dbt(warehouse, "--no-use-colors", *BUILD, *arguments)
    # dbt writes no results where it stops before the first node.
    try:
        nodes = json.loads(RESULTS.read_text())["results"] if RESULTS.exists() else []
    except (ValueError, LookupError, TypeError):  # as a full disk leaves it
        nodes = []
    return Built(code, nodes)


def dbt(warehouse: Path, *arguments: str, stop: threading.Event | None = None) -> int:
    """Run dbt on this project and `warehouse`; gives its exit code.

    Before that the raw file is upgraded where a former release wrote it. It is held open for
    reading all the while, as dbt does not wait for one who writes it. The key is not passed on, as
    dbt reads no MaintainX. When `stop` is set, dbt is asked to end. Raises LoaderError, before dbt
    makes a file, where one of the files is missing or cannot be read.
    """
    if upgrade.is_behind(warehouse):
        with lock.held(warehouse, "dbt"):
            upgrade.prepare(RawFile(warehouse))
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
