"""What leaves the warehouse as files: CSV, Parquet, an Excel workbook.

Files are written in a folder beside the others and renamed when all are whole, so that nobody reads
half a file and whoever is killed leaves the former ones. Rows are streamed, never held.
"""

import csv
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from loaders.errors import LoaderError, SettingsError
from loaders.export import marts
from loaders.export.marts import Column, Mart
from loaders.warehouse import lock
from loaders.warehouse.file import first_line, literal, reading

BATCH = 2_000
# Small groups of rows, so that a million rows of many columns are never held.
PARQUET_GROUP = 30_720
# What a spreadsheet takes for a formula when a cell begins with it.
FORMULA_STARTS = "in ('=', '+', '-', '@', chr(9), chr(13))"
EXCEL_ROWS = 1_048_576
EXCEL_CHARACTERS = 32_767
EXCEL_SHEET_NAME = 31
EXCEL_FIRST_YEAR = 1900
# The digits that Excel keeps of a number.
EXCEL_INTEGER = 10**15


@dataclass(frozen=True)
class Selection:
    """What is to leave: marts by name (none: all), rows that meet `where` and changed since."""

    names: tuple[str, ...] = ()
    where: str | None = None
    since: datetime | None = None
    personal_data: bool = False

    @property
    def conditions(self) -> list[str]:
        conditions = [self.where] if self.where else []
        if self.since:
            conditions.append(f"updated_at >= timestamp '{self.since.isoformat(' ')}'")
        return conditions


@dataclass(frozen=True)
class Written:
    """A file that was written; rows without the header. note: what its reader should know."""

    path: Path
    rows: int
    note: str = ""


Writer = Callable[[duckdb.DuckDBPyConnection, list[Mart], list[str], Path], list[Written]]


def export(warehouse: Path, out: Path, selection: Selection, write: Writer) -> list[Written]:
    """Write the selection into the folder `out`.

    Raises SettingsError where the selection cannot be met, LoaderError where a file cannot be
    written; the former files then stand whole.
    """
    with aside(out) as folder, reading(warehouse, "warehouse") as connection:
        connection.execute(f"set temp_directory = {literal(str(folder / 'spill'))}")
        chosen = select(connection, selection)
        try:
            files = write(connection, chosen, selection.conditions, folder)
        except (OSError, duckdb.Error) as error:
            raise LoaderError(f"nothing was exported: {first_line(error)}") from None
        for file in files:
            file.path.replace(out / file.path.name)
    return [Written(out / file.path.name, file.rows, file.note) for file in files]


@contextmanager
def aside(out: Path) -> Iterator[Path]:
    """A folder inside `out` for what is not whole yet, empty at first and gone at the end.

    One process a folder has it at a time. Raises WarehouseHeldError while another one has it.
    """
    folder = out / ".unfinished"
    with lock.held(folder, "export", "name another folder"):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def select(connection: duckdb.DuckDBPyConnection, selection: Selection) -> list[Mart]:
    """The marts of a selection, its conditions tried out on each.

    Raises SettingsError where a mart cannot meet them.
    """
    chosen = marts.read(connection, selection.personal_data, selection.names)
    if selection.since and (lacking := [one.name for one in chosen if not one.has_updated_at]):
        able = [one.name for one in marts.read(connection) if one.has_updated_at]
        raise SettingsError(
            f"--since asks when rows were updated, and {', '.join(lacking)} cannot tell:"
            f" name some of {', '.join(able)}, or use --where"
        )
    for mart in chosen:
        try:
            connection.execute(f"explain select 1 {mart.rows(selection.conditions)}")
        except duckdb.Error as error:
            raise SettingsError(f"--where does not fit {mart.name}: {first_line(error)}") from None
    return chosen


@dataclass(frozen=True)
class CsvWriter:
    """RFC 4180: every cell in quotes, CRLF, UTF-8. Times are ISO 8601 in UTC, hours have two
    decimals, null is the empty text. raw_formulas: leave cells that a spreadsheet would run."""

    byte_order_mark: bool = False
    raw_formulas: bool = False

    def __call__(
        self,
        connection: duckdb.DuckDBPyConnection,
        chosen: list[Mart],
        conditions: list[str],
        folder: Path,
    ) -> list[Written]:
        return [self._write(connection, mart, conditions, folder) for mart in chosen]

    def _write(
        self,
        connection: duckdb.DuckDBPyConnection,
        mart: Mart,
        conditions: list[str],
        folder: Path,
    ) -> Written:
        cells = ", ".join(f"coalesce({self._cell(column)}, '')" for column in mart.columns)
        connection.execute(f"select {cells} {mart.rows(conditions)}")
        path = folder / f"{mart.name}.csv"
        rows = 0
        encoding = "utf-8-sig" if self.byte_order_mark else "utf-8"
        with path.open("w", encoding=encoding, newline="") as file:
            writer = csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
            writer.writerow([column.name for column in mart.columns])
            while batch := connection.fetchmany(BATCH):
                writer.writerows(batch)
                rows += len(batch)
        return Written(path, rows)

    def _cell(self, column: Column) -> str:
        value = column.expression
        if column.type.startswith("TIMESTAMP"):
            # Fractions of a second only where there are any.
            return f"rtrim(rtrim(strftime({value}, '%Y-%m-%dT%H:%M:%S.%f'), '0'), '.') || 'Z'"
        if column.is_hours:
            return f"printf('%.2f', {value})"
        text = f"cast({value} as varchar)"
        if column.is_text and not self.raw_formulas:
            return f"case when left({text}, 1) {FORMULA_STARTS} then '''' else '' end || {text}"
        return text


def write_parquet(
    connection: duckdb.DuckDBPyConnection,
    chosen: list[Mart],
    conditions: list[str],
    folder: Path,
) -> list[Written]:
    """One file a mart, typed as the mart is, compressed with zstd."""
    files = []
    for mart in chosen:
        path = folder / f"{mart.name}.parquet"
        copied = connection.execute(
            f"copy ({mart.query(conditions)})"
            f" to {literal(str(path))} (format parquet, compression zstd,"
            f" row_group_size {PARQUET_GROUP})"
        ).fetchone()
        files.append(Written(path, copied[0] if copied else 0))
    return files


def write_xlsx(
    connection: duckdb.DuckDBPyConnection,
    chosen: list[Mart],
    conditions: list[str],
    folder: Path,
) -> list[Written]:
    """One workbook, a sheet a mart: dates as dates, numbers as numbers, text never as a formula.

    Raises SettingsError for a mart of more rows than a sheet has.
    """
    # A fifth of what it takes any command to start, and only this one needs it.
    import xlsxwriter  # type: ignore[import-untyped]  # noqa: PLC0415

    for mart in chosen:
        counted = connection.sql(mart.rows(conditions)).count("*").fetchone()
        if counted and counted[0] >= EXCEL_ROWS:
            raise SettingsError(
                f"{mart.name} has {counted[0]:,} rows, a sheet of Excel {EXCEL_ROWS:,} with the"
                " header: choose rows with --where, or export csv or parquet"
            )
    path = folder / f"{chosen[0].name if len(chosen) == 1 else 'marts'}.xlsx"
    workbook = xlsxwriter.Workbook(
        path, {"constant_memory": True, "tmpdir": folder, "nan_inf_to_errors": True}
    )
    # The moment of writing would make two workbooks of the same data differ.
    workbook.set_properties({"created": datetime(2000, 1, 1)})
    sheet = _Sheet(workbook)
    for mart in chosen:
        sheet.write(connection, mart, conditions)
    workbook.close()
    note = f"{sheet.cut:,} texts cut to Excel's {EXCEL_CHARACTERS:,} characters"
    return [Written(path, sheet.rows, note if sheet.cut else "")]


class _Sheet:
    """Writes sheets into a workbook and counts what it wrote."""

    def __init__(self, workbook: Any) -> None:
        self._workbook = workbook
        self._head = workbook.add_format({"bold": True, "bottom": 1})
        self._moment = workbook.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        self._day = workbook.add_format({"num_format": "yyyy-mm-dd"})
        self._hundredths = workbook.add_format({"num_format": "0.00"})
        self.rows = 0
        self.cut = 0

    def write(
        self, connection: duckdb.DuckDBPyConnection, mart: Mart, conditions: list[str]
    ) -> None:
        sheet = self._workbook.add_worksheet(mart.name[:EXCEL_SHEET_NAME])
        sheet.freeze_panes(1, 0)
        for place, column in enumerate(mart.columns):
            sheet.set_column(place, place, _width(column))
            sheet.write_string(0, place, column.name, self._head)
        connection.execute(mart.query(conditions))
        row = 0
        while batch := connection.fetchmany(BATCH):
            for cells in batch:
                row += 1
                for place, value in enumerate(cells):
                    if value is not None:
                        self._write_cell(sheet, row, place, value)
        sheet.autofilter(0, 0, row, len(mart.columns) - 1)
        self.rows += row

    def _write_cell(self, sheet: Any, row: int, place: int, value: Any) -> None:
        match value:
            case bool():
                sheet.write_boolean(row, place, value)
            case int() if abs(value) < EXCEL_INTEGER:
                sheet.write_number(row, place, value)
            case float() | Decimal():
                sheet.write_number(row, place, value, self._hundredths)
            case date() if value.year >= EXCEL_FIRST_YEAR:
                form = self._moment if isinstance(value, datetime) else self._day
                sheet.write_datetime(row, place, value, form)
            case _:
                text = str(value)
                self.cut += len(text) > EXCEL_CHARACTERS
                sheet.write_string(row, place, text[:EXCEL_CHARACTERS])


def _width(column: Column) -> int:
    return 40 if column.is_text else 20
