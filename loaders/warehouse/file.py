"""The warehouse file: opened, waited for, read, written. Knows no list and no log."""

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from loaders.errors import LoaderError, WarehouseHeldError
from loaders.warehouse import undo

log = logging.getLogger(__name__)

HELD_PATIENCE = 30.0
# What a million records need; a record of many megabytes is given room of its own.
MEMORY_MB = 128
# What a million rows of the widest mart need to be put in order.
READING_MB = 160


def now() -> datetime:
    """This machine's time in UTC, without zone, as the log tables hold it."""
    return datetime.now(UTC).replace(tzinfo=None)


@dataclass(frozen=True)
class _Opened:
    """The warehouse, open; `files` closes it and what keeps it safe."""

    database: duckdb.DuckDBPyConnection
    kept: undo.Undo | None
    files: ExitStack


@dataclass
class Warehouse:
    """The DuckDB file, opened only for as long as transactions take, so that readers get in.

    A transaction hands the open file on to the next that waits for it: to open and close it takes
    longer than to land a small list.

    Raises WarehouseHeldError when another program keeps it open for longer than `patience` seconds,
    LoaderError when the file cannot be used at all.
    """

    path: Path
    patience: float = HELD_PATIENCE
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _counting: threading.Lock = field(default_factory=threading.Lock)
    _waiting: int = 0
    _opened: _Opened | None = None

    @contextmanager
    def transaction(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection inside a transaction that is committed at the end, rolled back on error."""
        with self._turn() as opened:
            try:
                with opened.database.cursor() as connection:
                    connection.execute("set TimeZone = 'UTC'; set preserve_insertion_order = false")
                    if opened.kept is not None:
                        opened.kept.keep(connection)
                    connection.execute("begin")
                    yield connection
                    connection.execute("commit")
            except duckdb.Error as error:
                raise LoaderError(
                    f"{self.path} could not be written: {first_line(error)};"
                    " free disk space or mend the file, then run again (nothing is lost)"
                ) from None

    @contextmanager
    def _turn(self) -> Iterator[_Opened]:
        """The file, by oneself; left open where another thread waits and nothing went wrong."""
        with self._counting:
            self._waiting += 1
        with self._lock:
            with self._counting:
                self._waiting -= 1
            opened, self._opened = self._opened or self._open(), None
            try:
                yield opened
                if self._waiting:
                    self._opened = opened
            finally:
                if self._opened is None:
                    opened.files.close()

    def _open(self) -> _Opened:
        with ExitStack() as files:
            kept = files.enter_context(undo.guarded(self.path))
            database = files.enter_context(closing(self._connect(kept)))
            return _Opened(database, kept, files.pop_all())

    @contextmanager
    def reading(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection that reads the warehouse, beside others who do; rows keep their order."""
        if not self.path.exists():
            raise LoaderError(f"there is no {self.path} yet: run `make extract build` first")
        with (
            self._lock,
            undo.guarded(self.path) as kept,
            closing(self._connect(kept, read_only=True)) as connection,
        ):
            connection.execute("set TimeZone = 'UTC'")
            yield connection

    def _connect(
        self, kept: undo.Undo | None, read_only: bool = False
    ) -> duckdb.DuckDBPyConnection:
        deadline = time.monotonic() + self.patience
        told = False
        while True:
            try:
                self.path.parent.mkdir(parents=True, exist_ok=True)
                if kept is not None and kept.put_back():
                    log.warning(
                        "%s was left in the middle of a checkpoint; its last state is back",
                        self.path,
                    )
                connection = duckdb.connect(
                    ":memory:" if read_only else str(self.path),
                    config={
                        "threads": 1,
                        "memory_limit": f"{READING_MB if read_only else MEMORY_MB}MB",
                    },
                )
                if read_only:
                    path = str(self.path).replace("'", "''")
                    connection.execute(f"attach '{path}' as warehouse (read_only); use warehouse")
                return connection
            except (duckdb.IOException, duckdb.ConnectionException, OSError) as error:
                message = first_line(error)
                if "Corrupt" in message:
                    raise LoaderError(
                        f"{self.path} is damaged: {message}; put back a copy of it, or move it"
                        " away and run again, which reads everything anew"
                    ) from None
                if "set lock" not in message:
                    raise LoaderError(
                        f"{self.path} cannot be opened: {message};"
                        " check MAINTAINX_WAREHOUSE and the folder's rights"
                    ) from None
                if time.monotonic() > deadline:
                    raise WarehouseHeldError(
                        f"{self.path} is open in another program: {message};"
                        " close it there, then run again"
                    ) from None
                if not told:
                    log.warning(
                        "%s is open in another program; waiting up to %.0f s",
                        self.path,
                        self.patience,
                    )
                    told = True
                time.sleep(0.2)
            except duckdb.Error as error:
                raise LoaderError(
                    f"{self.path} is no DuckDB file that can be used: {first_line(error)};"
                    " move it away or name another in MAINTAINX_WAREHOUSE"
                ) from None


def first_line(error: BaseException) -> str:
    """What an error of DuckDB says, without the query around it."""
    return str(error).strip().split("\n")[0]


def one_row(
    connection: duckdb.DuckDBPyConnection, query: str, parameters: list[object] | None = None
) -> tuple[Any, ...]:
    """The row of a query that has one. Raises RuntimeError where there is none."""
    row = connection.execute(query, parameters).fetchone()
    if row is None:
        raise RuntimeError(f"no row came from: {query}")
    return row
