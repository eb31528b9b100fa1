"""Runs dbt on this project in a separate process, and says what a build did."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import duckdb

from loaders.errors import StoppedError
from loaders.settings import PROJECT
from loaders.warehouse import lock, upgrade
from loaders.warehouse.file import RawFile, paths_of, reading

# Unit tests check the SQL, not the data: CI runs them.
BUILD = ("build", "--quiet", "--exclude-resource-type", "unit_test")
# Runs the data tests in few nodes: see selectors.yml.
WHOLE = ("--selector", "together")
SELECTIONS = ("-s", "-m", "--select", "--model", "--models", "--exclude", "--selector")

# Seconds that dbt has to cancel its statements after SIGINT, for which it has a handler.
ENDS_WITHIN = 8.0

# One node of tests/dbt/together runs many tests.
TESTS = """
select node_id, status, rows_failing
from quality.test_results
where invocation_id = ?
"""


@dataclass(frozen=True)
class Built:
    """What a build did: its exit code, and the result of each model, seed and test."""

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


def _results_path() -> Path:
    """Where dbt writes its results; it reads a relative path from the project too."""
    return PROJECT / (os.environ.get("DBT_TARGET_PATH") or "target") / "run_results.json"


def _kind(node: dict[str, Any]) -> str:
    return str(node["unique_id"]).split(".")[0]


def _name(node: dict[str, Any]) -> str:
    return str(node["unique_id"]).split(".")[2]


def build(warehouse: Path, stop: threading.Event, *arguments: str) -> Built:
    """Build and test the models; dbt prints errors only. Raises LoaderError as `dbt` does."""
    path = _results_path()
    path.unlink(missing_ok=True)
    selects = any(one.partition("=")[0] in SELECTIONS for one in arguments)
    whole = () if selects else WHOLE
    code = dbt(warehouse, stop, "--no-use-colors", *BUILD, *whole, *arguments)
    # dbt writes no results where it stops before the first node.
    try:
        results = json.loads(path.read_text()) if path.exists() else {}
        nodes = results.get("results", [])
        tests = _tests(warehouse, results["metadata"]["invocation_id"]) if nodes else []
    except (ValueError, LookupError, TypeError):  # as a full disk leaves it
        nodes, tests = [], []
    if tests:
        nodes = [node for node in nodes if _kind(node) not in ("test", "unit_test")] + tests
    return Built(code, nodes)


def _tests(warehouse: Path, build: str) -> list[dict[str, Any]]:
    """The result of each test, in the form of run_results.json; none if dbt stored none."""
    with reading(warehouse, "warehouse") as connection:
        try:
            rows = connection.execute(TESTS, [build]).fetchall()
        except duckdb.CatalogException:
            return []
    return [dict(zip(("unique_id", "status", "failures"), row, strict=True)) for row in rows]


def dbt(warehouse: Path, stop: threading.Event, *arguments: str) -> int:
    """Run dbt on this project and `warehouse`; gives its exit code.

    Before that the raw file is upgraded where a former release wrote it. It is held open for
    reading all the while, as dbt does not wait for one who writes it. The key is not passed on, as
    dbt reads no MaintainX. Raises StoppedError when `stop` is set before dbt has ended, which then
    ends; LoaderError, before dbt makes a file, where one of the files is missing or cannot be read.
    """
    if upgrade.is_behind(warehouse, stop):
        with lock.held(warehouse, "dbt"):
            upgrade.prepare(RawFile(warehouse, stop=stop))
    environment = {name: text for name, text in os.environ.items() if name != "MAINTAINX_API_KEY"}
    environment["MAINTAINX_WAREHOUSE"] = str(warehouse.absolute())
    place = ["--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT)]
    command = [str(Path(sys.executable).with_name("dbt")), *arguments, *place]
    for name in ("warehouse", "results"):
        if paths_of(warehouse)[name].exists():
            # Says in a line whether one is damaged or held by another program.
            with reading(warehouse, name, stop=stop):
                pass
    with reading(warehouse, "raw", stop=stop):
        code = _run(command, environment, stop)
    if stop.is_set():
        raise StoppedError("stopped before dbt had ended; run the command again")
    return code


def _run(command: list[str], environment: dict[str, str], stop: threading.Event) -> int:
    """Run a program in a session of its own, where no signal reaches it but those sent here."""
    pipe = subprocess.PIPE
    with subprocess.Popen(  # noqa: S603
        command, env=environment, start_new_session=True, stdout=pipe, stderr=pipe
    ) as process:
        shown = [
            threading.Thread(target=_show, args=(said, where, stop), daemon=True)
            for said, where in ((process.stdout, sys.stdout), (process.stderr, sys.stderr))
        ]
        for thread in shown:
            thread.start()
        try:
            while process.poll() is None and not stop.is_set():
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(0.2)
            process.send_signal(signal.SIGINT)
            process.wait(ENDS_WITHIN)
        except subprocess.TimeoutExpired:
            pass
        finally:
            process.kill()
        for thread in shown:
            thread.join()
    return process.returncode


def _show(said: IO[bytes], where: IO[str], stop: threading.Event) -> None:
    """Print what a program says until it is stopped: dbt prints a traceback then."""
    for line in said:
        if not stop.is_set():
            where.write(line.decode(errors="replace"))
            where.flush()
