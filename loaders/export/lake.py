"""A lake of the published marts, in DuckLake: many programs read it while builds are published.

A build is published in one transaction, which is one snapshot. So readers see whole builds only,
and an earlier build is an earlier snapshot.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from loaders.errors import SettingsError, explained
from loaders.export.files import PARQUET_GROUP
from loaders.export.marts import Mart, quoted
from loaders.settings import Lake
from loaders.warehouse.file import literal, one_row

log = logging.getLogger(__name__)

AUTHOR = "maintainx-warehouse"
PAGE = "docs/ducklake.md"
SQLITE = "ducklake:sqlite:"
# How long SQLite waits for another program that writes the catalog.
BUSY_MS = 60_000


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
    try:
        _attach(connection, lake)
        connection.execute("begin")
        connection.execute(f"create schema if not exists {schema}")
        former = _published(connection, lake, schema, warehouse)
        yield schema
        for name in former - {mart.name for mart in chosen}:
            connection.execute(f"drop table if exists {schema}.{quoted(name)}")
        (run_id,) = one_row(connection, f"select any_value(run_id) from {schema}._published")
        connection.execute("call lake.set_commit_message(?, ?)", [AUTHOR, f"run {run_id}"])
        connection.execute("commit")
        connection.execute("detach lake")
    except duckdb.Error as error:
        to_do = f"see {PAGE}, then run `python -m loaders publish`"
        raise explained(error, f"{lake.catalog} is as before", to_do) or error from None
    log.info("%s: %d marts published as a snapshot", lake.catalog, len(chosen))


def _attach(connection: duckdb.DuckDBPyConnection, lake: Lake) -> None:
    # DuckLake would keep small tables in the catalog, in types of another database.
    options = f"data_path {literal(lake.data)}, data_inlining_row_limit 0"
    if lake.catalog.startswith(SQLITE):
        options += f", meta_busy_timeout {BUSY_MS}"
    connection.execute(f"attach {literal(lake.catalog)} as lake ({options})")
    # Kept in the catalog. To set it again would be a write of its own.
    (is_set,) = one_row(
        connection,
        "select count(*) > 0 from lake.options() where option_name = 'parquet_row_group_size'",
    )
    if not is_set:
        connection.execute("call lake.set_option('parquet_row_group_size', ?)", [PARQUET_GROUP])


def _published(
    connection: duckdb.DuckDBPyConnection, lake: Lake, schema: str, warehouse: Path
) -> set[str]:
    """The marts of the snapshot before; none in an empty schema."""
    tables = connection.execute(
        "select table_name from duckdb_tables()"
        " where database_name = 'lake' and schema_name = ? union all"
        " select view_name from duckdb_views()"
        " where database_name = 'lake' and schema_name = ?",
        [lake.schema, lake.schema],
    ).fetchall()
    if not tables:
        return set()
    found: list[tuple[str, str]] = []
    if ("_published",) in tables:
        found = connection.execute(f"select mart, warehouse from {schema}._published").fetchall()
    owners = {owner for _, owner in found} or {"something else"}
    if owners != {warehouse.name}:
        raise SettingsError(
            f"the schema {lake.schema} of {lake.catalog} is a copy of {', '.join(sorted(owners))}:"
            f" set MAINTAINX_LAKE_SCHEMA to a schema for {warehouse.name}"
        )
    return {mart for mart, _ in found}
