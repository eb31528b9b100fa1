"""A lake of the published marts, in DuckLake: many programs read it while builds are published.

A build is published in one transaction, which is one snapshot. So readers see whole builds only,
and an earlier build is an earlier snapshot.
"""

import logging
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import duckdb

from loaders.errors import SettingsError, explained, first_line
from loaders.export.files import PARQUET_GROUP
from loaders.export.marts import Mart, quoted
from loaders.printing import counted
from loaders.settings import Lake
from loaders.warehouse.file import literal, one_row

log = logging.getLogger(__name__)

AUTHOR = "maintainx-warehouse"
PAGE = "docs/ducklake.md"
SQLITE = "ducklake:sqlite:"
# How long SQLite waits for another program that writes the catalog.
BUSY_MS = 60_000
# In the comment of _published, between the name of the warehouse and when its raw file was created.
# A comment is in the catalog, so it can be read where files are lost.
OWNER = ", raw file of "
# What SQLite or Postgres said, after a statement of DuckLake that can have a megabyte.
REASON = re.compile(
    r'DuckLake transaction\.\n[^:]+: (?:Failed to execute query ".*(?:;|COMMIT)": )?([^\n]+)',
    re.DOTALL,
)


def check(lake: Lake, connection: duckdb.DuckDBPyConnection | None = None) -> None:
    """Open the lake before a build; creates the folder of its data, but no catalog.

    Raises SettingsError where the data of a new catalog would be with those of another, LoaderError
    where the lake cannot be opened.
    """
    with writing(lake, "cannot be used", "run again"):
        connection = connection or duckdb.connect()
        if _attached(connection, lake):
            connection.execute("detach lake")


@contextmanager
def snapshot(
    connection: duckdb.DuckDBPyConnection, lake: Lake, warehouse: Path, chosen: list[Mart]
) -> Iterator[str]:
    """A transaction for the marts `chosen`; gives the schema to write them to.

    A catalog that does not exist yet is created, if its server or folder does. Marts of an earlier
    snapshot that are not chosen are dropped. Raises SettingsError where the schema holds what
    another warehouse published, LoaderError where the lake cannot be written; it is then as before.
    """
    schema = f"lake.{quoted(lake.schema)}"
    with writing(lake, "is as before", f"run `{lake.publisher}`"):
        if not _attached(connection, lake):
            connection.execute(f"attach {literal(lake.catalog)} as lake ({_options(lake)})")
        _set_row_groups(connection)
        begun = _refuse_other(connection, lake, warehouse, chosen)
        former = _former(connection, schema)
        connection.execute("begin")
        connection.execute(f"create schema if not exists {schema}")
        yield schema
        for name in former - {mart.name for mart in chosen}:
            connection.execute(f"drop table if exists {schema}.{quoted(name)}")
        owner = f"{warehouse.name}{OWNER}{begun}"
        connection.execute(f"comment on table {schema}._published is {literal(owner)}")
        (run_id,) = one_row(connection, f"select any_value(run_id) from {schema}._published")
        connection.execute("call lake.set_commit_message(?, ?)", [AUTHOR, f"run {run_id}"])
        connection.execute("commit")
        connection.execute("detach lake")
    log.info("%s: %s published as a snapshot", lake.catalog, counted(len(chosen), "mart"))


@contextmanager
def writing(lake: Lake, what: str, to_do: str) -> Iterator[None]:
    """What DuckDB or the system raises inside is a LoaderError of one line, as of `explained`."""
    try:
        yield
    except (OSError, duckdb.Error) as error:
        to_do = f"see {PAGE}, then {to_do}"
        if found := REASON.search(str(error)):
            error = duckdb.Error(f"the catalog was not written: {found[1]}")
        if "DATA_PATH" in str(error):
            to_do = (
                "set MAINTAINX_LAKE_DATA to the path in the catalog, or MAINTAINX_LAKE to a new"
                f" catalog; {to_do}"
            )
        raise explained(error, f"{lake.catalog} {what}", to_do) or error from None


def _options(lake: Lake) -> str:
    # DuckLake would keep small tables in the catalog, in types of another database.
    options = f"data_path {literal(lake.data)}, data_inlining_row_limit 0"
    if lake.catalog.startswith(SQLITE):
        options += f", meta_busy_timeout {BUSY_MS}"
    return options


def _attached(connection: duckdb.DuckDBPyConnection, lake: Lake) -> bool:
    """Attach a lake that exists. False for a new one, whose data have a place of their own."""
    options = f"{_options(lake)}, create_if_not_exists false"
    try:
        connection.execute(f"attach {literal(lake.catalog)} as lake ({options})")
    except duckdb.InvalidInputException as error:
        if "does not exist" not in str(error):
            raise
        _require_place(connection, lake)
        return False
    return True


def _require_place(connection: duckdb.DuckDBPyConnection, lake: Lake) -> None:
    """Raises OSError or SettingsError. A new catalog keeps the path of its data for ever, and to
    remove old files of one lake would remove those of another in the same place."""
    if "://" not in lake.data:
        Path(lake.data).mkdir(exist_ok=True)
        with tempfile.TemporaryFile(dir=lake.data):
            pass
    (files,) = one_row(
        connection, "select count(*) from glob(?)", [f"{lake.data.rstrip('/')}/**/*.parquet"]
    )
    if files:
        raise SettingsError(
            f"{lake.data} has {files} files of another lake, and {lake.catalog} is new: set"
            " MAINTAINX_LAKE_DATA to an empty folder"
        )


def _set_row_groups(connection: duckdb.DuckDBPyConnection) -> None:
    # Kept in the catalog. To set it again would be a write of its own.
    (is_set,) = one_row(
        connection,
        "select count(*) > 0 from lake.options() where option_name = 'parquet_row_group_size'",
    )
    if not is_set:
        connection.execute("call lake.set_option('parquet_row_group_size', ?)", [PARQUET_GROUP])


def _refuse_other(
    connection: duckdb.DuckDBPyConnection, lake: Lake, warehouse: Path, chosen: list[Mart]
) -> datetime:
    """When the raw file of the warehouse was created, by which the lake knows it: the file keeps it
    where it is moved, renamed or restored. Raises SettingsError where the schema is not its own."""
    begun: datetime
    (begun,) = one_row(connection, "select min(applied_at) from raw._schema_version")
    tables = dict(
        connection.execute(
            "select table_name, comment from duckdb_tables()"
            " where database_name = 'lake' and schema_name = ?",
            [lake.schema],
        ).fetchall()
    )
    owner = tables.get("_published") or "something that is no warehouse"
    if tables and not owner.endswith(f"{OWNER}{begun}"):
        raise SettingsError(
            f"the schema {lake.schema} of {lake.catalog} is of {owner}: set MAINTAINX_LAKE_SCHEMA"
            f" to a schema for {warehouse.name}; or, if nobody needs what is there, attach the lake"
            f" and run `drop schema lake.{lake.schema} cascade`, then `{lake.publisher}`"
        )
    views = connection.execute(
        "select view_name from duckdb_views() where database_name = 'lake' and schema_name = ?",
        [lake.schema],
    ).fetchall()
    if taken := sorted({name for (name,) in views} & {mart.name for mart in chosen}):
        raise SettingsError(
            f"the schema {lake.schema} of {lake.catalog} has a view with the name of a mart,"
            f" {taken[0]}: drop it, or create it in another schema, then run `{lake.publisher}`"
        )
    return begun


def _former(connection: duckdb.DuckDBPyConnection, schema: str) -> set[str]:
    """The marts of the snapshot before, in no transaction, as an error would end it."""
    try:
        found = connection.execute(f"select mart from {schema}._published").fetchall()
    except duckdb.CatalogException:
        return set()
    except (duckdb.IOException, duckdb.HTTPException) as error:
        log.warning("marts that are no longer built stay in the lake: %s", first_line(error))
        return set()
    return {mart for (mart,) in found}
