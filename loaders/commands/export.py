"""The commands by which data leaves the warehouse: `export` and `publish`."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from loaders import settings
from loaders.commands.console import columns, set_up_logging
from loaders.commands.parameters import Moment, with_options
from loaders.errors import SettingsError
from loaders.export.files import CsvWriter, Selection, Writer, export, write_parquet, write_xlsx
from loaders.export.publish import publish

MARTS = """Name marts to export only those; without names all leave, and work_orders with them.

work_orders is the list for a spreadsheet, one row a live order: ID, Title, Status, Priority, Asset,
Location, Assignees, Created, Completed, Duration (hrs)."""

selecting = with_options(
    click.argument("names", nargs=-1, metavar="[NAME ...]"),
    click.option(
        "--where",
        metavar="SQL",
        help='Only rows that meet this, in the mart\'s own columns, such as "is_overdue".',
    ),
    click.option(
        "--since",
        type=Moment(),
        help="Only rows whose updated_at is at or after this date (UTC).",
    ),
    click.option(
        "--personal-data",
        is_flag=True,
        help="With e-mail addresses and phone numbers, which are left out otherwise.",
    ),
)
"""What is to leave."""

to_files = with_options(
    click.option(
        "--out",
        type=click.Path(file_okay=False, path_type=Path),
        default="exports",
        show_default=True,
        metavar="FOLDER",
        help="Where the files go; files of the same name are replaced when the new ones are whole.",
    ),
    click.option("-q", "--quiet", is_flag=True, help="Say nothing but warnings and errors."),
)
"""Where files go."""


def selection(given: dict[str, Any]) -> Selection:
    return Selection(given["names"], given["where"], given["since"], given["personal_data"])


def _export(write: Writer, given: dict[str, Any]) -> None:
    set_up_logging(False, given["quiet"], "text")
    files = export(settings.warehouse_path(), given["out"], selection(given), write)
    if not given["quiet"]:
        rows = [
            [str(file.path), f"{file.rows:,}", f"{file.path.stat().st_size:,}", file.note]
            for file in files
        ]
        click.echo(columns(["file", "rows", "bytes", ""], rows))


@click.group("export")
def export_group() -> None:
    """Write marts to CSV, Parquet or Excel files, or load them into BigQuery.

    \b
    Examples:
      python -m loaders export csv work_orders            the list for a spreadsheet
      python -m loaders export csv --out /srv/csv         every mart
      python -m loaders export xlsx work_orders dim_assets --where "organization_id = 1"
      python -m loaders export parquet fct_work_orders --since 2026-01-01
      python -m loaders export bigquery --project plant-data --dataset maintainx
      python -m loaders export bigquery --raw --project plant-data --dataset maintainx_raw
    """


def _command(name: str, text: str) -> Callable[..., Any]:
    return export_group.command(name, help=f"{text}\n\n{MARTS}")


@_command(
    "csv",
    "Write NAME.csv: RFC 4180, every cell quoted, UTF-8, times in ISO 8601 UTC, hours with two"
    " decimals.",
)
@selecting
@click.option("--bom", is_flag=True, help="Begin with a byte order mark, which old Excel wants.")
@click.option(
    "--raw-formulas",
    is_flag=True,
    help="Leave text that begins with = + - @ tab or CR as it is. Without this a ' goes before it,"
    " as a spreadsheet would run it as a formula; whoever files a work request could plant one.",
)
@to_files
def export_csv(bom: bool, raw_formulas: bool, **given: Any) -> None:
    _export(CsvWriter(bom, raw_formulas), given)


@_command("parquet", "Write NAME.parquet, typed as the mart is.")
@selecting
@to_files
def export_parquet(**given: Any) -> None:
    _export(write_parquet, given)


@_command(
    "xlsx",
    "Write one Excel workbook, marts.xlsx, or NAME.xlsx for a single mart: a sheet a mart, dates as"
    " dates (UTC), text never as a formula.",
)
@selecting
@to_files
def export_xlsx(**given: Any) -> None:
    _export(write_xlsx, given)


@_command(
    "bigquery",
    "Load marts into a data set of BigQuery, a load job each: types, descriptions, partitions by"
    " month, clustering. What stood there is replaced, all of a table or nothing; the same load"
    " twice gives the same tables. Google's libraries find the credentials;"
    " MAINTAINX_BIGQUERY_ENDPOINT names an emulator instead. Needs `pip install '.[bigquery]'`.",
)
@selecting
@click.option("--project", required=True, help="Project that holds the data set and pays.")
@click.option("--dataset", required=True, help="Data set, which must be there.")
@click.option(
    "--merge",
    is_flag=True,
    help="Insert, change and delete rows by primary key instead of replacing tables. With --where"
    " or --since no row is deleted. With --raw only rows are sent that are newer than those there.",
)
@click.option(
    "--raw",
    is_flag=True,
    help="Load all raw tables instead, personal data and all: `dbt build --target bigquery` reads"
    " them in the data set <prefix>_raw.",
)
@click.option("-q", "--quiet", is_flag=True, help="Say nothing but warnings and errors.")
def export_bigquery(project: str, dataset: str, merge: bool, raw: bool, **given: Any) -> None:
    set_up_logging(False, given["quiet"], "text")
    chosen = selection(given)
    if raw and (chosen.names or chosen.conditions):
        raise SettingsError("--raw loads every raw table whole: leave names, --where, --since out")
    try:
        from loaders.export.bigquery import Target, load, load_raw  # noqa: PLC0415
    except ImportError:
        raise SettingsError(
            "BigQuery needs Google's client: .venv/bin/python -m pip install '.[bigquery]'"
        ) from None
    target = Target(project, dataset, merge)
    path = settings.warehouse_path()
    loaded = load_raw(path, target) if raw else load(path, chosen, target)
    if not given["quiet"]:
        rows = [[one.table, f"{one.sent:,}", f"{one.rows:,}"] for one in loaded]
        click.echo(columns(["table", "sent", "rows"], rows))


@click.command("publish")
@click.option("--parquet", is_flag=True, help="Into the folder marts/ as Parquet files, too.")
@click.option(
    "--personal-data",
    is_flag=True,
    help="With e-mail addresses and phone numbers, which are left out otherwise.",
)
@click.option("-q", "--quiet", is_flag=True, help="Say nothing but warnings and errors.")
def publish_command(parquet: bool, personal_data: bool, quiet: bool) -> None:
    """Copy the marts to marts.duckdb beside the warehouse, for analysts.

    `make build` and `sync` do it after each build that succeeded. The new copy takes the old one's
    place when it is whole: who reads never waits and never sees half a build. Its table _published
    says which run it is of and when it was made.

    \b
      duckdb marts.duckdb -c "select * from marts.fct_work_orders"
    """
    set_up_logging(False, quiet, "text")
    path, chosen = publish(settings.warehouse_path(), personal_data, parquet)
    if not quiet:
        click.echo(f"{path}: {len(chosen)} marts published")
