"""Migrate the data of an earlier release to the raw file of this release.

Earlier releases kept the raw tables in the schema `raw` of the warehouse. They are copied to
`<raw file>.new`, which is renamed to the raw file when it is complete; then the schema is dropped.
After a kill at any moment one of the two is complete, and the next run finishes. The raw file has
version 0 until the schema is dropped.
"""

import logging
import os
import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import duckdb

from loaders.errors import CutOffError, LoaderError, explained
from loaders.maintainx.catalogue import TABLES
from loaders.warehouse import schema, undo
from loaders.warehouse.file import (
    MEMORY_MB,
    RawFile,
    attach,
    in_memory,
    now,
    one_row,
    reading,
    refuse_lacking,
    refuse_newer,
    require,
    version,
)

log = logging.getLogger(__name__)

FORMER_TABLES = """
select table_name, sql from duckdb_tables()
where database_name = 'warehouse' and schema_name = 'raw'
order by table_name
"""
RUNS_NOT_COPIED = """
select count(*) from warehouse.raw._runs
where run_id not in (select run_id from raw.main._runs)
"""


def prepare(raw: RawFile) -> None:
    """Migrate the raw file to this release's schema and mark runs that died as failed.

    Raises LoaderError when a newer release wrote it, or when the data of an earlier release cannot
    be moved into it.
    """
    move_out(raw)
    with raw.transaction() as connection:
        upgrade(connection, raw.path)
        for name in TABLES:
            connection.execute(schema.LIST_TABLE.format(name=name))
        refuse_lacking(connection, raw.path)
        connection.execute(
            "update raw._runs set state = 'failed', ended_at = started_at,"
            " error = 'the process died before its end' where state = 'running'"
        )


def upgrade(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Run the missing migrations of the raw file, in the connection's transaction.

    Raises LoaderError when a newer release wrote the file.
    """
    refuse_newer(connection, path)
    found = version(connection)
    if found == len(schema.MIGRATIONS):
        return
    for statements in schema.MIGRATIONS[found:]:
        connection.execute(statements)
    connection.execute(
        "create or replace table raw._schema_version as"
        " select cast(? as integer) as version, cast(? as timestamp) as applied_at",
        [len(schema.MIGRATIONS), now()],
    )


def require_raw(warehouse: Path, stop: threading.Event | None = None) -> None:
    """Raises NoDataError when there is neither a raw file nor data of an earlier release.

    Raises StoppedError when `stop` is set while another program holds one.
    """
    raw = RawFile(warehouse, stop=stop)
    if not (raw.path.exists() or (warehouse.exists() and _former_tables(raw))):
        require(warehouse, "raw")


def is_behind(warehouse: Path, stop: threading.Event | None = None) -> bool:
    """Whether the raw file has to be prepared before it is read. Raises as `require_raw`."""
    require_raw(warehouse, stop)
    raw = RawFile(warehouse, stop=stop)
    return not raw.path.exists() or _version(raw) < len(schema.MIGRATIONS)


def move_out(raw: RawFile) -> None:
    """Move the schema `raw` of the warehouse, if there is one, into the raw file.

    Raises LoaderError, with both files unchanged, when it cannot be moved.
    """
    if not raw.warehouse.exists() or (raw.path.exists() and _version(raw) != 0):
        return
    if not _former_tables(raw):
        return
    if not raw.path.exists():
        log.warning("%s: moving the raw tables to %s", raw.warehouse, raw.path)
        _copy(raw)
    _drop(raw)


def _version(raw: RawFile) -> int:
    """The version of the raw file; -1 when an interrupted checkpoint has to be undone."""
    try:
        with reading(raw.warehouse, "raw", patience=raw.patience, stop=raw.stop) as connection:
            return version(connection)
    except CutOffError:
        return -1


def _former_tables(raw: RawFile) -> dict[str, str]:
    """The raw tables of an earlier release in the warehouse, each with its DDL."""
    with _former(raw) as connection:
        tables = dict(connection.execute(FORMER_TABLES).fetchall())
    return tables if "_runs" in tables else {}


@contextmanager
def _former(raw: RawFile, read_only: bool = True) -> Iterator[duckdb.DuckDBPyConnection]:
    """The attached warehouse. A checkpoint that an earlier release did not finish is undone."""
    with ExitStack() as files:
        kept = files.enter_context(undo.guarded(raw.warehouse))
        connection = files.enter_context(closing(in_memory(MEMORY_MB, f"{raw.path}.tmp")))
        attach(
            connection,
            raw.warehouse,
            "warehouse",
            read_only=read_only,
            kept=kept,
            patience=raw.patience,
            stop=raw.stop,
        )
        yield connection


def _copy(raw: RawFile) -> None:
    new = raw.path.with_name(f"{raw.path.name}.new")
    for path in (new, new.with_name(f"{new.name}.wal")):
        path.unlink(missing_ok=True)
    tables = _former_tables(raw)
    try:
        with _former(raw) as connection:
            attach(connection, new, "raw")
            connection.execute("begin")
            for name, ddl in tables.items():
                # "CREATE TABLE raw.<name>(...)", which means the raw file here.
                connection.execute(ddl)
                connection.execute(f"insert into raw.main.{name} from warehouse.raw.{name}")
                (there, here) = one_row(
                    connection,
                    f"select (select count(*) from warehouse.raw.{name}),"
                    f" (select count(*) from raw.main.{name})",
                )
                if there != here:
                    raise LoaderError(f"{new}: {name} has {here} rows, not {there}: run again")
            connection.execute("commit; detach raw")
        with new.open("rb") as file:
            os.fsync(file.fileno())
        new.replace(raw.path)
        folder = os.open(raw.path.parent, os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)
    except (duckdb.Error, OSError) as error:
        what = f"{raw.warehouse}: the raw tables could not be moved to {raw.path}"
        raise explained(error, what) or error from None


def _drop(raw: RawFile) -> None:
    with _former(raw, read_only=False) as connection:
        attach(connection, raw.path, "raw", read_only=True, patience=raw.patience, stop=raw.stop)
        (more,) = one_row(connection, RUNS_NOT_COPIED)
        if more:
            raise LoaderError(
                f"{raw.warehouse} holds {more} runs in its schema raw that {raw.path} lacks,"
                " and either may be the right one: copy both files, then delete the one that you do"
                " not want, and run again"
            )
        connection.execute("drop schema warehouse.raw cascade")
    raw.warehouse.with_name(f"{raw.warehouse.name}.undo").unlink(missing_ok=True)
