"""A sandbox on a real socket, and the loaders as a process of their own against it."""

import json
import logging
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import IO, Any

import duckdb
import pytest
from click.testing import CliRunner, Result

from loaders.commands.main import main
from loaders.maintainx.catalogue import CATALOGUE
from loaders.maintainx.records import content_hash, read_page
from loaders.warehouse.file import raw_path, reading
from sandbox import Dataset, Sandbox, serve, small
from tests.support.forked import Forked

ROOT = Path(__file__).resolve().parents[3]
KEY = "sandbox-key"
COMMANDS_THAT_RUN_DBT = ("build", "dbt", "reconcile", "sync")
FORKED = Forked()
RUNS_DBT = pytest.mark.xdist_group("runs_dbt")


@dataclass
class Loaders:
    """The command line against one sandbox and one warehouse.

    `env` adds to, or with None takes from, what the process sees.
    """

    sandbox: Sandbox
    url: str
    warehouse: Path
    env: dict[str, str | None] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        """What a command of the loaders sees."""
        given: dict[str, str | None] = {
            **os.environ,
            "MAINTAINX_API_KEY": KEY,
            "MAINTAINX_BASE_URL": self.url,
            "MAINTAINX_WAREHOUSE": str(self.warehouse),
            "MAINTAINX_ORGANIZATION_IDS": None,
            **self.env,
        }
        return {name: text for name, text in given.items() if text is not None}

    def environment_of(self, command: str) -> dict[str, str]:
        """What `command` sees. Tests of commands that run dbt are marked RUNS_DBT: dbt parses the
        project once a worker."""
        environment = self.environment
        if command in COMMANDS_THAT_RUN_DBT:
            # dbt parses anew for another path: one link stands for all warehouses of a worker.
            place = self.warehouse.parent.parent
            link = place / "here"
            if not (link.is_symlink() and link.readlink() == self.warehouse.parent):
                link.unlink(missing_ok=True)
                link.symlink_to(self.warehouse.parent)
            environment["MAINTAINX_WAREHOUSE"] = str(link / self.warehouse.name)
            environment["DBT_TARGET_PATH"] = str(place / "dbt_of_loaders")
        return environment

    def start(self, *arguments: str, out: IO[str] | int = subprocess.PIPE) -> subprocess.Popen[str]:
        """The command as a process of its own; what it says goes to `out`."""
        return subprocess.Popen(
            [sys.executable, "-m", "loaders", *arguments],
            cwd=ROOT,
            env=self.environment_of(arguments[0]),
            stdout=out,
            stderr=out,
            text=True,
        )

    def run(self, *arguments: str, expect: int | None = 0) -> subprocess.CompletedProcess[str]:
        """The command, to its end; `expect` is its exit code, None any."""
        process = FORKED.run(arguments, self.environment_of(arguments[0]), timeout=300)
        told = f"exit code {process.returncode}\n{process.stdout}\n{process.stderr}"
        assert expect in (None, process.returncode), told
        return process

    def invoke(self, *arguments: str, expect: int | None = 0) -> Result:
        """The command in this process: to start one takes longer than most tests of it."""
        return in_process(*arguments, environment=self.environment, expect=expect)

    def extract(self, *arguments: str, expect: int = 0) -> subprocess.CompletedProcess[str]:
        return self.run("extract", *arguments, expect=expect)

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        with self.reading() as connection:
            return connection.execute(sql).fetchall()

    @property
    def raw(self) -> Path:
        return raw_path(self.warehouse)

    def copied(self, folder: Path) -> Path:
        """A copy of the warehouse and of the files beside it, in `folder`."""
        for path in self.warehouse.parent.glob(f"{self.warehouse.stem}*.duckdb"):
            shutil.copy(path, folder)
        return folder / self.warehouse.name

    @contextmanager
    def reading(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Raw file and warehouse, open for several queries: to open them takes longer than most."""
        files = [("raw", self.raw), ("warehouse", self.warehouse)]
        names = [name for name, path in files if path.exists()]
        with reading(self.warehouse, *names) as connection:
            yield connection

    @contextmanager
    def writable(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Raw file and warehouse, to do damage to, one of them a transaction."""
        with duckdb.connect() as connection:
            connection.execute(
                f"attach '{self.raw}' as raw; attach '{self.warehouse}' as warehouse"
            )
            connection.execute("use warehouse")
            yield connection

    def live(self, name: str, organization: int) -> dict[int, dict[str, Any]]:
        """What the warehouse holds live of a list: id -> payload."""
        with self.reading() as connection:
            return live_rows(connection, name, organization)

    def rows(self, name: str) -> int:
        return int(self.query(f"select count(*) from raw.{name}")[0][0])


def in_process(
    *arguments: str, environment: dict[str, str] | None = None, expect: int | None = 0
) -> Result:
    """A command in this process, which sees `environment` alone; `expect` is its exit code, None
    any. Raises what it does not turn into a line."""
    signals = (signal.SIGINT, signal.SIGTERM)
    handlers = [(number, signal.getsignal(number)) for number in signals]
    unset: dict[str, str | None] = dict.fromkeys(os.environ)
    try:
        result = CliRunner().invoke(main, arguments, env=unset | (environment or {}))
    finally:
        logging.getLogger("loaders").handlers.clear()
        for number, handler in handlers:
            signal.signal(number, handler)
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert expect in (None, result.exit_code), f"exit code {result.exit_code}\n{result.output}"
    return result


def live_rows(
    connection: duckdb.DuckDBPyConnection, name: str, organization: int
) -> dict[int, dict[str, Any]]:
    """What a list of an organization holds live: id -> payload."""
    rows = connection.execute(
        f"select id, arg_max(_operation, _extracted_at),"
        f" arg_max(payload, _extracted_at) filter (payload is not null)"
        f" from raw.{name} where organization_id = {organization} group by id"
    ).fetchall()
    return {row[0]: json.loads(row[2]) for row in rows if row[1] == "upsert"}


@pytest.fixture(scope="session")
def dataset() -> Dataset:
    return small()


@pytest.fixture
def sandbox(dataset: Dataset) -> Sandbox:
    return Sandbox(dataset)


@pytest.fixture
def loaders(sandbox: Sandbox, tmp_path: Path) -> Iterator[Loaders]:
    with serve(sandbox) as url:
        yield Loaders(sandbox, url, tmp_path / "warehouse.duckdb")


State = dict[tuple[str, int], set[tuple[int, str]]]

# Copies of other records, which change without the record that holds them.
COPIES = {"work_orders": ("asset", "parts"), "assets": ("status",)}


def contents(name: str, records: list[dict[str, Any]]) -> set[tuple[int, str]]:
    """(id, content hash) of records, copies of other records aside."""
    own = [
        {key: value for key, value in record.items() if key not in COPIES.get(name, ())}
        for record in records
    ]
    page = read_page(json.dumps({"records": own}).encode(), "records")
    return {(record.id, record.content_hash) for record in page.records}


def source_state(sandbox: Sandbox, *names: str) -> State:
    """What MaintainX holds now of these lists (of all, where none is named), by organization."""
    return {
        (name, organization): contents(
            name,
            sandbox.live(name, organization)
            if resource.detail_is_payload
            else sandbox.listed(name, organization, resource.expand),
        )
        for name, resource in CATALOGUE.items()
        if not names or name in names
        for organization in sandbox.organization_ids
    }


def warehouse_state(loaders: Loaders, *names: str) -> State:
    """What the warehouse holds live, in the same shape."""
    with loaders.reading() as connection:
        return {
            (name, organization): contents(
                name, list(live_rows(connection, name, organization).values())
            )
            for name in names or CATALOGUE
            for organization in loaders.sandbox.organization_ids
        }


def differences(loaders: Loaders, *names: str) -> dict[tuple[str, int], tuple[set[int], set[int]]]:
    """Lists that differ, of these or of all: ids only (or other) in MaintainX, ids only here."""
    source = source_state(loaders.sandbox, *names)
    warehouse = warehouse_state(loaders, *names)
    return {
        key: (
            {number for number, _ in source[key] - warehouse[key]},
            {number for number, _ in warehouse[key] - source[key]},
        )
        for key in source
        if source[key] != warehouse[key]
    }


def doubled_rows(loaders: Loaders) -> list[str]:
    """Lists in which two neighbouring rows of an id say the same."""
    with loaders.reading() as connection:
        return [
            name
            for name in CATALOGUE
            if any(
                former[:2] == latter[:2] and _content(former[2]) == _content(latter[2])
                for former, latter in pairwise(
                    connection.execute(
                        f"select (organization_id, id), _operation, payload from raw.{name}"
                        " qualify count(*) over (partition by organization_id, id) > 1"
                        " order by organization_id, id, _extracted_at"
                    ).fetchall()
                )
            )
        ]


def _content(payload: str | None) -> str | None:
    return payload and content_hash(payload)
