"""`python -m loaders export`."""

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import click

from loaders import settings
from loaders.commands.console import columns, set_up_logging
from loaders.commands.parameters import Command, Moment, collected, quiet_option
from loaders.errors import SettingsError
from loaders.export.files import (
    CsvWriter,
    Selection,
    Writer,
    every_mart,
    export,
    log_lines,
    write_parquet,
)
from loaders.export.marts import Mart
from loaders.export.xlsx import is_for_people, write_xlsx
from loaders.printing import say

WORK_ORDERS = """work_orders is made for spreadsheets, one row per work order that is not deleted:
ID, Title, Status, Priority, Asset, Location, Assignees, Created, Completed, Duration (hrs)."""
EVERY_MART = f"""Name marts to export only those. The default is all marts and work_orders.

{WORK_ORDERS}"""
FOR_PEOPLE = f"""Name marts to export only those. The default is work_orders and the mart_* reports.

{WORK_ORDERS}"""


@dataclass(frozen=True)
class Output:
    """Where files go, and whether to print them."""

    out: Path
    quiet: bool


selecting = collected(
    Selection,
    "selection",
    click.argument("names", nargs=-1, metavar="[NAME ...]"),
    click.option(
        "--where",
        metavar="SQL",
        help='Only rows that meet this condition on columns of the mart, such as "is_overdue".',
    ),
    click.option(
        "--since",
        type=Moment(),
        help="Only rows whose updated_at is at or after this date (UTC).",
    ),
    click.option(
        "--personal-data",
        is_flag=True,
        help="Include e-mail addresses, phone numbers and hourly rates.",
    ),
)

to_files = collected(
    Output,
    "output",
    click.option(
        "--out",
        type=click.Path(file_okay=False, path_type=Path),
        default="exports",
        show_default=True,
        metavar="FOLDER",
        help="Where the files go. Files of the same name are replaced atomically.",
    ),
    quiet_option,
)


def _bar(chosen: list[Mart]) -> Iterator[Mart]:
    with click.progressbar(
        chosen,
        label="export",
        file=sys.stderr,
        show_pos=True,
        show_eta=False,
        item_show_func=lambda mart: mart.name if mart else None,
    ) as marts:
        yield from marts


def _export(
    write: Writer,
    selection: Selection,
    output: Output,
    default: Callable[[Mart], bool] = every_mart,
) -> None:
    set_up_logging(False, output.quiet, "text")
    progress = _bar if sys.stderr.isatty() and not output.quiet else log_lines
    files = export(settings.warehouse_path(), output.out, selection, write, progress, default)
    if not output.quiet:
        rows = [
            [str(file.path), f"{file.rows:,}", f"{file.path.stat().st_size:,}", file.note]
            for file in files
        ]
        say(columns(["file", "rows", "bytes", ""], rows))


@click.group("export")
def command() -> None:
    """Write marts to CSV, Parquet or Excel files, or load them into BigQuery.

    \b
    Examples:
      python -m loaders export csv work_orders
      python -m loaders export csv --out exports/csv
      python -m loaders export xlsx
      python -m loaders export xlsx work_orders dim_assets --where "organization_id = 1"
      python -m loaders export parquet fct_work_orders --since 2026-01-01
      python -m loaders export bigquery --project plant-data --dataset maintainx
      python -m loaders export bigquery --raw --project plant-data --dataset maintainx_raw
    """


def _command(name: str, text: str, marts: str = EVERY_MART) -> Callable[[Command], click.Command]:
    return command.command(name, help=f"{text}\n\n{marts}")


@_command(
    "csv",
    "Write NAME.csv: RFC 4180, every cell quoted, UTF-8, times in ISO 8601 UTC, hours with two"
    " decimals.",
)
@selecting
@click.option(
    "--excel",
    is_flag=True,
    help="For Excel where the decimal separator is a comma: semicolons between cells, decimal"
    " commas, a byte order mark.",
)
@click.option(
    "--raw-formulas",
    is_flag=True,
    help="Keep text that starts with = + - @ (or their full-width forms), a tab or a line break"
    " unchanged, spaces before it or not. By default a ' goes before it, because a spreadsheet"
    " would run it as a formula and anyone can put one in a work request.",
)
@to_files
def export_csv(excel: bool, raw_formulas: bool, selection: Selection, output: Output) -> None:
    _export(CsvWriter(excel, raw_formulas), selection, output)


@_command("parquet", "Write NAME.parquet with the column types of the mart.")
@selecting
@to_files
def export_parquet(selection: Selection, output: Output) -> None:
    _export(write_parquet, selection, output)


@_command(
    "xlsx",
    "Write one Excel workbook, marts.xlsx, or NAME.xlsx for a single mart: a contents sheet, then"
    " one sheet per mart, dates as Excel dates (UTC), ratios as percentages, URLs as links, text"
    " never as a formula.",
    FOR_PEOPLE,
)
@selecting
@click.option("--all", "all_marts", is_flag=True, help="Without names, export every mart.")
@to_files
def export_xlsx(all_marts: bool, selection: Selection, output: Output) -> None:
    _export(write_xlsx, selection, output, every_mart if all_marts else is_for_people)


@_command(
    "bigquery",
    "Load marts into a BigQuery data set, one load job per mart: types, descriptions, partitions by"
    " month, clustering. Each table is replaced atomically; repeating a load gives the same tables."
    " Google's libraries find the credentials. MAINTAINX_BIGQUERY_ENDPOINT names an emulator."
    " Needs `pip install '.[bigquery]'`.",
)
@selecting
@click.option("--project", required=True, help="Project that holds the data set and pays.")
@click.option("--dataset", required=True, help="An existing data set.")
@click.option(
    "--merge",
    is_flag=True,
    help="Insert, update and delete rows by primary key instead of replacing tables. With --where"
    " or --since no row is deleted. With --raw only rows newer than those in BigQuery are sent.",
)
@click.option(
    "--raw",
    is_flag=True,
    help="Load all raw tables instead, including personal data. `dbt build --target bigquery` reads"
    " them from the data set <prefix>_raw.",
)
@quiet_option
def export_bigquery(
    project: str, dataset: str, merge: bool, raw: bool, quiet: bool, selection: Selection
) -> None:
    set_up_logging(False, quiet, "text")
    if raw and (selection.names or selection.conditions):
        raise SettingsError("--raw loads every raw table: remove names, --where and --since")
    try:
        from loaders.export.bigquery import Target, load, load_raw  # noqa: PLC0415
    except ImportError:
        raise SettingsError(
            "Google's BigQuery client is not installed: run .venv/bin/python -m pip install"
            " '.[bigquery]'"
        ) from None
    target = Target(project, dataset, merge)
    path = settings.warehouse_path()
    loaded = load_raw(path, target) if raw else load(path, selection, target)
    if not quiet:
        rows = [[one.table, f"{one.sent:,}", f"{one.rows:,}"] for one in loaded]
        say(columns(["table", "sent", "rows"], rows))
