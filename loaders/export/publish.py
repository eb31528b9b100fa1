"""The published copy of the marts, `marts.duckdb` beside the warehouse, written atomically.

The copy is built in another file and renamed. A reader keeps the copy that it opened, and the next
one gets the new copy. So readers and builds never wait for each other.

The same marts can also go to a lake (DuckLake), in one transaction, which is one snapshot.
"""

import shutil
import threading
from pathlib import Path

import duckdb

from loaders.errors import LoaderError, SettingsError, explained
from loaders.export import marts
from loaders.export.files import write_parquet
from loaders.export.lake import snapshot
from loaders.export.marts import Mart, quoted
from loaders.settings import PUBLISHED, Lake
from loaders.warehouse import lock
from loaders.warehouse.file import literal, now, one_row, reading, require

# The tables are in the schema `main`, so that unqualified names work under any file name and alias.
# DuckDB names the catalog after the file, so `marts.fct_work_orders` works here as in the
# warehouse. With a schema `marts` inside, DuckDB would call that name ambiguous.
FOLDER = "marts"

STAMP = """
create or replace table {schema}._published (
    mart varchar not null,
    rows bigint not null,
    as_of_at timestamp,
    run_id varchar,
    published_at timestamp not null,
    warehouse varchar not null
)
"""

# Not older than the newest build of everything: a model or test may have been removed since.
FAILED = """
select any_value(node_name) as name
from quality.{table}
where build_started_at >= coalesce(
    (select max(build_started_at) from quality.{table} where is_whole), '-infinity'
)
group by node_id
having arg_max(status, build_started_at) in ('fail', 'error')
order by name
"""


def publish(
    warehouse: Path,
    personal_data: bool = False,
    parquet: bool = False,
    stop: threading.Event | None = None,
    lake: Lake | None = None,
) -> tuple[Path, list[Mart]]:
    """Copy every mart with its descriptions; with `parquet` also write a folder of Parquet files.

    The copy is replaced first, then the marts of `lake`. Raises SettingsError if what is there
    belongs to another warehouse, LoaderError if it cannot be written or a test failed, StoppedError
    if `stop` is set while another program holds the warehouse; what was published before then stays
    as it is.
    """
    target = warehouse.with_name(PUBLISHED)
    unfinished = target.with_name(f".{PUBLISHED}.unfinished")
    require(warehouse, "raw", "warehouse")
    with lock.held(target, "publish"):
        _remove(unfinished)
        try:
            _refuse_other_copy(target, warehouse)
            with reading(warehouse, "raw", "warehouse", stop=stop) as connection:
                connection.execute(f"set temp_directory = {literal(f'{unfinished}.spill')}")
                connection.execute(f"attach {literal(str(unfinished))} as copy")
                chosen = published_marts(connection, personal_data)
                connection.execute("begin")
                _copy(connection, chosen, warehouse, "copy.main")
                connection.execute("commit")
                if parquet:
                    _write_folder(connection, chosen, warehouse.with_name(FOLDER))
                connection.execute("detach copy")
                # A reader may have written to the earlier copy; its WAL is not this one's.
                target.with_name(f"{PUBLISHED}.wal").unlink(missing_ok=True)
                unfinished.replace(target)
                if lake is not None:
                    to_lake(connection, lake, warehouse, chosen)
        except (OSError, duckdb.Error) as error:
            raise explained(error, f"{target} was not replaced") or error from None
        finally:
            _remove(unfinished)
    return target, chosen


def published_marts(
    connection: duckdb.DuckDBPyConnection, personal_data: bool = False
) -> list[Mart]:
    """The marts that are published: all that are built, without those that are only exported.

    Raises LoaderError while the newest result of a model or a test is a failure, whatever was
    selected since.
    """
    if failed := _failed(connection):
        more = f" and {len(failed) - 1} more" if len(failed) > 1 else ""
        raise LoaderError(
            f"not published: {failed[0]}{more} failed when last run; correct what failed, then run"
            " `make build`"
        )
    return [mart for mart in marts.read(connection, personal_data) if mart.name == mart.source]


def _failed(connection: duckdb.DuckDBPyConnection) -> list[str]:
    try:
        found = [
            connection.execute(FAILED.format(table=table)).fetchall()
            for table in ("model_runs", "test_results")
        ]
    except duckdb.CatalogException:  # No build has stored results.
        return []
    return [name for rows in found for (name,) in rows]


def to_lake(
    connection: duckdb.DuckDBPyConnection, lake: Lake, warehouse: Path, chosen: list[Mart]
) -> None:
    """Publish the marts to a lake, in one transaction; raises errors as `snapshot` does."""
    with snapshot(connection, lake, warehouse, chosen) as schema:
        _copy(connection, chosen, warehouse, schema)


def _copy(
    connection: duckdb.DuckDBPyConnection, chosen: list[Mart], warehouse: Path, schema: str
) -> None:
    """Copy the marts to a schema of an attached database, with the table _published."""
    (run_id,) = one_row(connection, "select arg_max(run_id, ended_at) from raw._runs")
    (as_of_at,) = (
        one_row(connection, "select max(as_of_at) from marts.dim_organizations")
        if any(mart.name == "dim_organizations" for mart in chosen)
        else (None,)
    )
    moment = now()
    stamps: list[object] = []
    for mart in chosen:
        table = f"{schema}.{quoted(mart.name)}"
        # Sorted, a million work orders and a new file would need more memory than a reader has.
        (rows,) = one_row(connection, f"create or replace table {table} as {mart.unsorted()}")
        comments = [f"comment on table {table} is {literal(mart.description or '')}"]
        for column in mart.columns:
            name = f"{table}.{quoted(column.name)}"
            comments.append(f"comment on column {name} is {literal(column.description or '')}")
        connection.execute(";".join(comments))
        stamps += [mart.name, rows, as_of_at, run_id, moment, warehouse.name]
    connection.execute(STAMP.format(schema=schema))
    # One statement, because a lake writes a file for each.
    values = ", ".join(["(?, ?, ?, ?, ?, ?)"] * len(chosen))
    connection.execute(f"insert into {schema}._published values {values}", stamps)


def _write_folder(connection: duckdb.DuckDBPyConnection, chosen: list[Mart], link: Path) -> None:
    """Write the marts as Parquet files in a new folder, then turn the symbolic link `link` to it.

    The folder before it stays until the next time, for readers that still use it.
    """
    folders = sorted(link.parent.glob(f".{link.name}-*"))
    folder = link.with_name(f".{link.name}-{now():%Y%m%dT%H%M%S%f}")
    folder.mkdir()
    write_parquet(connection, chosen, [], folder)
    former = link.resolve()
    turned = link.with_name(f".{link.name}.link")
    turned.unlink(missing_ok=True)
    turned.symlink_to(folder.name)
    turned.replace(link)
    for other in folders:
        if other.resolve() != former:
            shutil.rmtree(other)


def _refuse_other_copy(target: Path, warehouse: Path) -> None:
    if not target.exists():
        return
    with duckdb.connect() as connection:
        try:
            connection.execute(f"attach {literal(str(target))} as former (read_only)")
        except duckdb.IOException as error:
            if "set lock" in str(error):
                return  # A reader has it open for writing, which is no reason to wait.
            raise
        try:
            (owner,) = one_row(
                connection, "select any_value(warehouse) from former.main._published"
            )
        except duckdb.CatalogException:
            owner = "something else"
    if owner != warehouse.name:
        raise SettingsError(
            f"{target} is a copy of {owner}: give {warehouse.name} a folder of its own, or move"
            " that file away"
        )


def _remove(unfinished: Path) -> None:
    for path in (unfinished, unfinished.with_name(f"{unfinished.name}.wal")):
        path.unlink(missing_ok=True)
    shutil.rmtree(f"{unfinished}.spill", ignore_errors=True)
