"""Open, lock, read and write the DuckDB files. Independent of lists and of the run log.

The loaders write the raw file only, dbt writes the warehouse only. Here each file is attached to a
database in memory, the raw file under the alias `raw`, so `raw.work_orders` means the same in
every session.
"""

import logging
import os
import re
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from loaders.errors import (
    CutOffError,
    LoaderError,
    NoDataError,
    StoppedError,
    WarehouseHeldError,
    explained,
    first_line,
)
from loaders.warehouse import lock, schema, undo

log = logging.getLogger(__name__)

HELD_PATIENCE = 30.0
NO_DATABASE = "not a valid DuckDB database file"
# Enough for a million records; the load of records of many megabytes raises it.
MEMORY_MB = 128
# Rows that DuckDB compresses at a time. With its default, 122,880, the records of one such group do
# not fit into that memory and are written twice.
ROW_GROUP = 30_720
# The oldest format that knows zstd, and the oldest DuckDB that can open the file.
STORAGE = "v1.2.0"
# Enough to sort a million rows of the widest mart.
READING_MB = 208
# What DuckDB says of a file that was cut off or overwritten, when it opens or reads it. Errors of
# other kinds may contain such words of the data.
DAMAGE = re.compile(
    "(IO|Serialization) Error: .*"
    f"([Cc]orrupt|checksum|deserialize|Could not read enough bytes|{NO_DATABASE})"
)

# As DuckDB names who has a file open.
HOLDER = re.compile(r"held in (.+?) \(PID (\d+)\)")


def now() -> datetime:
    """The current time in UTC, without time zone, as in the log tables."""
    return datetime.now(UTC).replace(tzinfo=None)


def paths_of(warehouse: Path) -> dict[str, Path]:
    """The files of a warehouse by their names in SQL. profiles.yml derives the same paths.

    raw: the JSON from MaintainX, written by the loaders. warehouse: the models, written by dbt.
    results: results of builds over time, which dbt copies into a new warehouse.
    """
    stem = warehouse.name.removesuffix(".duckdb")
    return {
        "raw": warehouse.with_name(f"{stem}.raw.duckdb"),
        "warehouse": warehouse,
        "results": warehouse.with_name(f"{stem}.results.duckdb"),
    }


def raw_path(warehouse: Path) -> Path:
    """The raw file of a warehouse."""
    return paths_of(warehouse)["raw"]


@dataclass(frozen=True)
class _Opened:
    """The open raw file. `files` closes it and its Undo."""

    database: duckdb.DuckDBPyConnection
    kept: undo.Undo | None
    files: ExitStack


@dataclass
class RawFile:
    """The raw file of `warehouse`, which the loaders write, one transaction at a time.

    It is open only during transactions, so that readers can open it in between. A transaction
    passes the open file to the next thread that waits, because opening and closing take longer
    than loading a small list.

    Raises WarehouseHeldError when another program keeps it open for longer than `patience` seconds,
    StoppedError when `stop` is set meanwhile, LoaderError when the file cannot be used.
    """

    warehouse: Path
    patience: float = HELD_PATIENCE
    stop: threading.Event | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _counting: threading.Lock = field(default_factory=threading.Lock)
    _waiting: int = 0
    _opened: _Opened | None = None

    @property
    def path(self) -> Path:
        return raw_path(self.warehouse)

    @contextmanager
    def transaction(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection in a transaction: committed at the end, rolled back on an error."""
        with self._turn() as opened:
            try:
                with opened.database.cursor() as connection:
                    connection.execute("set TimeZone = 'UTC'; set preserve_insertion_order = false")
                    if opened.kept is not None:
                        opened.kept.keep(connection)
                    connection.execute("begin")
                    yield connection
                    connection.execute("commit")
            except (duckdb.Error, OSError) as error:
                failure = explained(error, f"{self.path} could not be written")
                raise _lacking(opened.database, self.path, error) or failure or error from None

    @contextmanager
    def _turn(self) -> Iterator[_Opened]:
        """Exclusive use of the file. It stays open if a thread waits and no error occurred."""
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
            database = files.enter_context(closing(in_memory(MEMORY_MB, f"{self.path}.tmp")))
            attach(database, self.path, "raw", kept=kept, patience=self.patience, stop=self.stop)
            return _Opened(database, kept, files.pop_all())


@contextmanager
def reading(
    warehouse: Path,
    *names: str,
    patience: float = HELD_PATIENCE,
    stop: threading.Event | None = None,
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection that reads the files `names` ("raw", "warehouse", "results"); writes nothing.

    Other programs may read them at the same time. `raw.<list>` and `<schema>.<model>` are named
    as in dbt; rows keep their order. Raises LoaderError for a file that is missing or cannot be
    read, WarehouseHeldError when another program writes it for longer than `patience` seconds,
    StoppedError when `stop` is set meanwhile.
    """
    require(warehouse, *names)
    paths = paths_of(warehouse)
    with ExitStack() as files:
        kept = None
        if "raw" in names:
            kept = files.enter_context(undo.guarded(paths["raw"], os.O_RDONLY))
        spill = f"{warehouse}.{os.getpid()}.tmp"
        connection = files.enter_context(closing(in_memory(READING_MB, spill)))
        for name in names:
            attach(connection, paths[name], name, read_only=True, patience=patience, stop=stop)
        try:
            if kept is not None and kept.overwritten():
                raise _cut_off(paths["raw"])
            if "raw" in names:
                refuse_newer(connection, paths["raw"])
            if "warehouse" in names:
                connection.execute("use warehouse")
            connection.execute("set TimeZone = 'UTC'")
            yield connection
        except duckdb.Error as error:
            read = " or ".join(str(paths[name]) for name in names)
            lacking = _lacking(connection, paths["raw"], error) if "raw" in names else None
            failure = lacking or damaged(warehouse, first_line(error), *names)
            raise failure or explained(error, f"{read} could not be read") or error from None


def require(warehouse: Path, *names: str) -> None:
    """Raises NoDataError for the first of the files `names` that is missing."""
    for name in names:
        if not (path := paths_of(warehouse)[name]).exists():
            maker = "extract" if name == "raw" else "build"
            raise NoDataError(f"there is no {path} yet: run `make {maker}` first")


def _lacking(
    connection: duckdb.DuckDBPyConnection, path: Path, error: Exception
) -> LoaderError | None:
    """Says what the attached raw file lacks, if that can be why a query of it failed."""
    if isinstance(error, duckdb.BinderException | duckdb.CatalogException):
        with connection.cursor() as cursor:
            try:
                refuse_lacking(cursor, path)
            except LoaderError as failure:
                return failure
    return None


def refuse_lacking(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Raises LoaderError when the attached raw file lacks a column or table of this release."""
    if lacking := schema.lacking(connection):
        raise LoaderError(
            f"{path} lacks {', '.join(lacking)}, which another program must have removed: put a"
            " backup in its place; or move it away and run `make extract`, which loads the current"
            " records, but not the history"
        )


def in_memory(megabytes: int, spill: str) -> duckdb.DuckDBPyConnection:
    """A database in memory to attach files to. It spills to `spill`, a folder of its own."""
    return duckdb.connect(
        config={"threads": 1, "memory_limit": f"{megabytes}MB", "temp_directory": spill}
    )


def attach(  # noqa: PLR0913
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    alias: str,
    *,
    read_only: bool = False,
    kept: undo.Undo | None = None,
    patience: float = HELD_PATIENCE,
    stop: threading.Event | None = None,
) -> None:
    """Attach a file; wait while another program holds it. `kept` undoes an interrupted checkpoint.

    Raises WarehouseHeldError after `patience` seconds, but who writes waits for the end of a build
    of another process; StoppedError when `stop` is set meanwhile; LoaderError where the file cannot
    be used.
    """
    stop = stop or threading.Event()
    deadline = time.monotonic() + patience
    told = False
    writing = f"row_group_size {ROW_GROUP}, storage_version '{STORAGE}'"
    option = "read_only" if read_only else writing
    while True:
        try:
            if kept is not None and kept.put_back():
                log.warning(
                    "%s was left in the middle of a checkpoint; its last state is back", path
                )
            connection.execute(f"attach {literal(str(path))} as {alias} ({option})")
            return
        except (duckdb.Error, OSError) as error:
            message = first_line(error)
            if "set lock" not in message:
                raise _unusable(path, error) from None
            builder = lock.builder(_warehouse_of(path))
            # A build reads the raw file to its end, and what an extract has read is on disk.
            waits = builder is not None and not read_only
            if not waits and time.monotonic() > deadline:
                raise held_elsewhere(path, message, builder) from None
            if not told:
                who = builder or "another program"
                until = "for its end" if waits else f"up to {patience:.0f} s"
                log.warning("%s is open in %s; waiting %s", path, who, until)
                told = True
            if stop.wait(0.2):
                raise StoppedError(
                    f"stopped while {path} was open in another program; run the command again"
                ) from None


def opened_once(path: Path, alias: str, read_only: bool, stop: threading.Event) -> None:
    """Open a file and close it. Raises as `attach` where it is held or damaged."""
    with closing(in_memory(READING_MB, f"{path}.{os.getpid()}.tmp")) as connection:
        attach(connection, path, alias, read_only=read_only, stop=stop)


def held_elsewhere(path: Path, message: str, builder: str | None = None) -> WarehouseHeldError:
    """Says who has a file open, from DuckDB's message or as `builder`, and what to do."""
    if builder is not None:
        return WarehouseHeldError(f"{path} is open in {builder}; wait for its end, then run again")
    found = HOLDER.search(message)
    holder = f" ({Path(found[1]).name}, process {found[2]})" if found else ""
    return WarehouseHeldError(
        f"{path} is open in another program{holder}; close it there, or let it read marts.duckdb,"
        " which is never held; then run again"
    )


def _warehouse_of(path: Path) -> Path:
    """The warehouse of a file beside it."""
    stem = path.name.removesuffix(".duckdb").removesuffix(".results").removesuffix(".raw")
    return path.with_name(f"{stem}.duckdb")


def _unusable(path: Path, error: Exception) -> LoaderError:
    message = first_line(error)
    if "replaying WAL" in message:
        return LoaderError(
            f"{path} cannot be opened: {message}; move {path}.wal to another folder, then run"
            " again: the file keeps all data from before, and an extract reads the rest again"
        )
    if DAMAGE.search(message):
        return _cut_off(path) if undo.is_cut_off(path) else _damaged(path, message)
    if isinstance(error, duckdb.IOException | duckdb.ConnectionException | OSError):
        to_do = "check MAINTAINX_WAREHOUSE and the permissions"
        failure = explained(error, f"{path} cannot be opened", to_do)
        if failure is not None:
            return failure
    return _not_usable(path, message)


def _not_usable(path: Path, message: str) -> LoaderError:
    return LoaderError(
        f"{path} is not a usable DuckDB file: {message};"
        " move it away or set MAINTAINX_WAREHOUSE to another path"
    )


def damaged(warehouse: Path, message: str, *names: str) -> LoaderError | None:
    """Says what to do where a message of DuckDB means that one of the files `names` is damaged."""
    if not DAMAGE.search(message):
        return None
    paths = paths_of(warehouse)
    if len(names) == 1:
        return _damaged(paths[names[0]], message)
    return LoaderError(
        f"{' or '.join(str(paths[name]) for name in names)} is damaged: {message}; delete"
        f" {warehouse} and run `make build`, which creates it again; if it stays, put a backup in"
        f" the place of {paths['raw']}"
    )


def _damaged(path: Path, message: str) -> LoaderError:
    raw = raw_path(_warehouse_of(path))
    if path != raw and raw.exists():
        return LoaderError(
            f"{path} is damaged: {message}; delete it and run `make build`, which creates it again"
        )
    if NO_DATABASE in message and path != raw:
        # Perhaps never a warehouse.
        return _not_usable(path, message)
    return LoaderError(
        f"{path} is damaged: {message}; keep it, put a backup in its place, then run again. Without"
        " a backup, a new extract loads the current records of MaintainX, but not the history"
    )


def _cut_off(path: Path) -> CutOffError:
    return CutOffError(
        f"{path} was left in the middle of a checkpoint: run `make extract`, which restores it"
    )


def version(connection: duckdb.DuckDBPyConnection) -> int:
    """The schema version of the attached raw file; 0 before the first run has prepared it."""
    found = connection.execute(
        "select 1 from duckdb_tables()"
        " where database_name = 'raw' and table_name = '_schema_version'"
    ).fetchone()
    if found is None:
        return 0
    return max(0, one_row(connection, "select max(version) from raw._schema_version")[0] or 0)


def refuse_newer(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Raises LoaderError when a newer release wrote the attached raw file."""
    found, known = version(connection), len(schema.MIGRATIONS)
    if found > known:
        raise LoaderError(
            f"{path} has schema version {found}, this release reads up to {known}:"
            " update the project, then run again"
        )


def literal(text: str) -> str:
    """A text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def one_row(
    connection: duckdb.DuckDBPyConnection,
    query: str,
    parameters: list[object] | dict[str, Any] | None = None,
) -> tuple[Any, ...]:
    """The only row of a query. Raises RuntimeError when there is none."""
    row = connection.execute(query, parameters).fetchone()
    if row is None:
        raise RuntimeError(f"the query returned no row: {query}")
    return row
