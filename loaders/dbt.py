"""Runs dbt on this project in a separate process, and says what a build did."""

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import duckdb

from loaders import seeds
from loaders.errors import (
    FULL_TEXTS,
    TO_FREE,
    LoaderError,
    SettingsError,
    StoppedError,
    explained,
)
from loaders.printing import counted
from loaders.settings import DBT_WRITES, PROJECT, SECRETS, dbt_folder, target
from loaders.warehouse import lock, upgrade
from loaders.warehouse.file import (
    HELD_PATIENCE,
    RawFile,
    damaged,
    held_elsewhere,
    opened_once,
    paths_of,
    reading,
    require,
)
from loaders.warehouse.status import refuse_empty

# Unit tests check the SQL, not the data: CI runs them.
BUILD = ("build", "--exclude-resource-type", "unit_test")
# To dbt a selection that matches nothing is a warning.
STRICT = ("--warn-error-options", '{"error": ["NoNodesForSelectionCriteria", "NothingToDo"]}')
NOTHING = "Nothing to do"
RESULTS = "run_results.json"
# dbt copies variables of this prefix into the metadata of its results, without the prefix.
METADATA = "DBT_ENV_CUSTOM_ENV_"
RUN = "MAINTAINX_RUN"

# Commands of dbt that create a warehouse; that read one; that open none. All others write one.
CREATE = ("build", "run", "seed")
READ = ("compile", "docs", "show")
OPEN_NONE = ("clean", "deps", "list", "ls", "parse")
COMMANDS = (*CREATE, *READ, *OPEN_NONE, "retry", "run-operation", "snapshot", "source", "test")

# Tests of quality.dq_settings, and the value of is_unusable in the rows that each counts.
SETTINGS = {"settings_that_cannot_be_used": True, "settings_that_match_nothing": False}
SETTINGS_SHOWN = 10

# Seconds that dbt has to cancel its statements after SIGINT, for which it has a handler.
ENDS_WITHIN = 8.0


# One node of tests/dbt/together runs many tests.
TESTS = """
select node_id, status, rows_failing, message
from quality.test_results
where invocation_id = ?
"""


@dataclass(frozen=True)
class Built:
    """What a build did: its exit code, and the result of each model, seed and test.

    nodes: None where another run of dbt wrote over them. settings: test of quality.dq_settings ->
    one line per setting that it found.
    """

    code: int
    nodes: list[dict[str, Any]] | None
    settings: dict[str, list[str]] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """Numbers of models, seeds and tests; then what did not pass, one line each."""
        if self.nodes is None:
            return (
                f"built; {target() / RESULTS} is of another run, and quality.test_results has the"
                " results"
            )
        found = Counter((_kind(node), node["status"]) for node in self.nodes)
        failed = found["test", "fail"] + found["test", "error"]
        lines = [
            f"{counted(found['model', 'success'], 'model')} and"
            f" {counted(found['seed', 'success'], 'seed')} built;"
            f" {counted(found['test', 'pass'], 'test')} passed, {found['test', 'warn']} warned,"
            f" {failed} failed"
        ]
        if skipped := sum(node["status"] == "skipped" for node in self.nodes):
            lines.append(f"  skipped after an error: {skipped} models and tests")
        for status, told in (("warn", "warned"), ("fail", "failed")):
            for node in self.nodes:
                if node["status"] == status:
                    lines.append(f"  {told}: {_name(node)}, {counted(node['failures'], 'row')}")
                    lines += [f"    {line}" for line in self.settings.get(_name(node), [])]
        lines += [
            f"  error: {_line(node['message'] or _name(node))}"
            for node in self.nodes
            if node["status"] == "error"
        ]
        return "\n".join(lines)


def _require_folders() -> None:
    """Raises LoaderError where dbt cannot write: without its log it ends without a word."""
    for variable in DBT_WRITES:
        folder = dbt_folder(variable)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=folder):
                pass
        except OSError as error:
            to_do = f"set {variable} to a folder that can be written"
            raise explained(error, "dbt cannot write its files", to_do) or error from None


def _kind(node: dict[str, Any]) -> str:
    return str(node["unique_id"]).split(".")[0]


def _name(node: dict[str, Any]) -> str:
    return str(node["unique_id"]).split(".")[2]


def _line(message: str) -> str:
    """An error of dbt as one line: up to the first empty line, where details follow."""
    lines = [line.strip() for line in message.strip().splitlines()]
    lines = lines[: lines.index("")] if "" in lines else lines
    if len(lines) > 1 and re.fullmatch(r"\w+ Error( in operation .*)?", lines[0]):
        del lines[0]
    return " ".join(lines)


@contextmanager
def building(warehouse: Path, command: str) -> Iterator[None]:
    """Hold what dbt writes for `command`. An extract may run beside it.

    Raises WarehouseHeldError while another run builds. Before a file is made, raises NoDataError
    where there is no raw data.
    """
    upgrade.require_raw(warehouse)
    with lock.held(warehouse, command, kind=lock.BUILD):
        yield


def build(
    warehouse: Path, stop: threading.Event, *arguments: str, command: tuple[str, ...] = BUILD
) -> Built:
    """Build and test the models, or run another command of dbt that builds; prints nothing.

    Raises LoaderError as `dbt` does, and where dbt stopped before the first node.
    """
    run = uuid.uuid4().hex
    words: list[str] = []

    def hear(line: str, _: IO[str]) -> None:
        words.append(line.strip())

    program = (sys.executable, "-m", "loaders.run_dbt", str(target() / RESULTS))
    code = _dbt(warehouse, stop, hear, program, {METADATA + RUN: run}, *command, *arguments)
    results = _results(run)
    if results is None and code == 0:
        return Built(code, None)
    nodes: list[dict[str, Any]] = results["results"] if results else []
    if results is None or not nodes:
        said = next(filter(None, reversed(words)), f"dbt ended with exit code {code}")
        if said.startswith('"'):
            said = json.loads(said)
        raise _stopped(warehouse, _line(said) if code else NOTHING, code)
    for node in nodes:
        message = _line(node["message"] or "") if node["status"] == "error" else ""
        if failure := damaged(warehouse, message, "raw", "warehouse"):
            raise failure
    if tests := _tests(warehouse, results["metadata"]["invocation_id"]):
        nodes = [node for node in nodes if _kind(node) not in ("test", "unit_test")] + tests
    return Built(code, nodes, _settings(warehouse, nodes))


def _results(run: str) -> dict[str, Any] | None:
    """What dbt wrote of `run` to its results; None where it wrote nothing, or another run did."""
    try:
        found: dict[str, Any] = json.loads((target() / RESULTS).read_text())
        return found if found["metadata"]["env"][RUN] == run else None
    except (OSError, ValueError, LookupError, TypeError):  # as a full disk leaves it
        return None


def _tests(warehouse: Path, build: str) -> list[dict[str, Any]]:
    """The result of each test, in the form of run_results.json; none if dbt stored none."""
    with reading(warehouse, "warehouse") as connection:
        try:
            rows = connection.execute(TESTS, [build]).fetchall()
        except duckdb.CatalogException:
            return []
    names = ("unique_id", "status", "failures", "message")
    return [dict(zip(names, row, strict=True)) for row in rows]


def _settings(warehouse: Path, nodes: list[dict[str, Any]]) -> dict[str, list[str]]:
    tests = [_name(node) for node in nodes if node["status"] in ("warn", "fail")]
    found: dict[str, list[str]] = {}
    for test in SETTINGS.keys() & set(tests):
        with reading(warehouse, "warehouse") as connection:
            rows = connection.execute(
                "select setting, column_name, found_value, allowed from quality.dq_settings"
                " where is_unusable = ? order by all",
                [SETTINGS[test]],
            ).fetchall()
        found[test] = [
            f"{' '.join(filter(None, (setting, column)))}: found {value!r}, allowed is {allowed}"
            for setting, column, value, allowed in rows[:SETTINGS_SHOWN]
        ]
        if len(rows) > SETTINGS_SHOWN:
            found[test].append(f"and {len(rows) - SETTINGS_SHOWN} more in quality.dq_settings")
    return found


def _stopped(warehouse: Path, said: str, code: int) -> LoaderError:
    """What to do where dbt stopped before the first node."""
    if failure := damaged(warehouse, said, "raw", "warehouse"):
        return failure
    if "set lock" in said:
        return held_elsewhere(warehouse, said)
    if any(text in said for text in FULL_TEXTS):
        return LoaderError(f"{said}; {TO_FREE}")
    if said.startswith(NOTHING):
        said = "the selection matches no model, seed or test"
    elif found := re.search(r"selection criterion '(.*)' does not match", said):
        said = f"the selection {found[1]} matches no model, seed or test"
    elif "memory" in said.lower() and "Parser Error" in said:
        said = f"MAINTAINX_MEMORY_LIMIT must be a size such as 8GB: {said}"
    return SettingsError(said) if code in (0, 2) else LoaderError(said)


def dbt(warehouse: Path, stop: threading.Event, *arguments: str) -> int:
    """Run any command of dbt on this project and `warehouse`; print what it says.

    Gives its exit code. Raises LoaderError where one of the files is missing, held or damaged;
    StoppedError when `stop` is set before dbt has ended.
    """
    program = (str(Path(sys.executable).with_name("dbt")), "--no-use-colors")
    return _dbt(warehouse, stop, _show, program, {}, *arguments)


def writes(arguments: tuple[str, ...]) -> bool:
    """Whether a command of dbt writes the warehouse, so that it runs inside of `building`."""
    return _command(arguments) not in (*READ, *OPEN_NONE)


def _command(arguments: tuple[str, ...]) -> str:
    return next((one for one in arguments if one in COMMANDS), "")


def _dbt(
    warehouse: Path,
    stop: threading.Event,
    hear: Callable[[str, IO[str]], None],
    program: tuple[str, ...],
    variables: dict[str, str],
    *arguments: str,
) -> int:
    """Run a program that runs dbt; `hear` takes each line that it says, and the stream of ours.

    Before that the raw file is upgraded where a former release wrote it. It is held open for
    reading all the while, as dbt does not wait for one who writes it. The key is not passed on, as
    dbt reads no MaintainX.
    """
    _require_folders()
    if upgrade.is_behind(warehouse, stop):
        with lock.held(warehouse, "dbt"):
            upgrade.prepare(RawFile(warehouse, stop=stop))
    with reading(warehouse, "raw", stop=stop) as connection:
        refuse_empty(connection, warehouse)
    environment = {name: text for name, text in os.environ.items() if name not in SECRETS}
    environment |= {"MAINTAINX_WAREHOUSE": str(warehouse.absolute()), **variables}
    # dbt imports a plugin of this package, in whatever folder it runs.
    environment |= {"PYTHONPATH": str(PROJECT), "PYTHONSAFEPATH": "1"}
    place = ["--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT)]
    # dbt refuses a second say in what is an error.
    said = any("warn-error" in one for one in arguments) or any(
        "WARN_ERROR" in one for one in environment
    )
    line = [*program, *(() if said else STRICT), *arguments, *place]
    command = _command(arguments)
    if command in CREATE:
        seeds.require_columns()
    if command in READ:
        # While dbt reads the project, a build has not opened the warehouse yet.
        lock.wait_for_build(warehouse, HELD_PATIENCE, stop)
    if command not in (*CREATE, *OPEN_NONE):
        require(warehouse, "warehouse")
    created = []
    for name in ("warehouse", "results"):
        if (path := paths_of(warehouse)[name]).exists():
            # Says in a line whether it is damaged or held by another program.
            opened_once(path, name, command in (*READ, *OPEN_NONE), stop)
        else:
            created.append(path)
    with reading(warehouse, "raw", stop=stop):
        code = _run(line, environment, stop, hear)
    if code:
        _remove_empty(created)
    if stop.is_set():
        raise StoppedError("stopped before dbt had ended; run the command again")
    return code


def _remove_empty(paths: list[Path]) -> None:
    """Remove the databases without a table, as dbt leaves them where it stops at its start."""
    for path in paths:
        with contextlib.suppress(duckdb.Error), duckdb.connect(str(path), read_only=True) as made:
            if not made.execute("show all tables").fetchall():
                for file in (path, Path(f"{path}.wal")):
                    file.unlink(missing_ok=True)


def _run(
    line: list[str],
    environment: dict[str, str],
    stop: threading.Event,
    hear: Callable[[str, IO[str]], None],
) -> int:
    """Run a program in a session of its own, where no signal reaches it but those sent here."""
    pipe = subprocess.PIPE
    with subprocess.Popen(  # noqa: S603
        line, env=environment, start_new_session=True, stdout=pipe, stderr=pipe
    ) as process:
        heard = [
            threading.Thread(target=_listen, args=(said, where, stop, hear), daemon=True)
            for said, where in ((process.stdout, sys.stdout), (process.stderr, sys.stderr))
        ]
        for thread in heard:
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
        for thread in heard:
            thread.join()
    return process.returncode


def _listen(
    said: IO[bytes], where: IO[str], stop: threading.Event, hear: Callable[[str, IO[str]], None]
) -> None:
    """Hear what a program says until it is stopped: dbt prints a traceback then."""
    for line in said:
        if not stop.is_set():
            hear(line.decode(errors="replace"), where)


def _show(line: str, where: IO[str]) -> None:
    where.write(line)
    where.flush()
