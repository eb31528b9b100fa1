"""Marts as an Excel workbook: a contents sheet, then one sheet per mart."""

import re
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import xlsxwriter  # type: ignore[import-untyped]

from loaders.errors import SettingsError
from loaders.export.files import BATCH, FORMULA, Progress, Written
from loaders.export.marts import Column, Mart

# The limits of a sheet in Excel.
ROWS = 1_048_576
CHARACTERS = 32_767
SHEET_NAME = 31
FIRST_YEAR = 1900
# Excel keeps 15 digits of a number.
INTEGER = 10**15
LINK = 2_079
LINKS = 65_530
# Any other address may be a file or a program.
WEB = ("https://", "http://")
CONTENTS = "contents"
# Reports come first. Within a kind the order is alphabetical.
KINDS = ("work", "mart", "fct", "dim", "bridge")


def is_for_people(mart: Mart) -> bool:
    """Whether a workbook without names holds the mart: `work_orders` and every `mart_*`."""
    return mart.name.split("_")[0] in KINDS[:2]


def _place(mart: Mart) -> tuple[int, str]:
    kind = mart.name.split("_")[0]
    return KINDS.index(kind) if kind in KINDS else len(KINDS), mart.name


def write_xlsx(
    connection: duckdb.DuckDBPyConnection,
    chosen: list[Mart],
    conditions: list[str],
    folder: Path,
    progress: Progress,
) -> list[Written]:
    """One workbook: dates as dates, ratios as percentages, URLs as links, text never as a formula.

    A contents sheet stands before several marts. Raises SettingsError for a mart with more rows
    than a sheet can hold.
    """
    chosen = sorted(chosen, key=_place)
    counts = {mart.name: _count(connection, mart, conditions) for mart in chosen}
    path = folder / f"{chosen[0].name if len(chosen) == 1 else 'marts'}.xlsx"
    workbook = xlsxwriter.Workbook(
        path,
        {
            "constant_memory": True,
            "tmpdir": folder,
            "nan_inf_to_errors": True,
            "max_url_length": LINK,
        },
    )
    # The moment of writing would make two workbooks of the same data differ.
    workbook.set_properties({"created": datetime(2000, 1, 1)})
    sheets = _Sheets(workbook)
    if len(chosen) > 1:
        sheets.write_contents(chosen, counts)
    for mart in progress(chosen):
        sheets.write(connection, mart, conditions)
    workbook.close()
    note = f"{sheets.cut:,} texts cut to Excel's {CHARACTERS:,} characters"
    return [Written(path, sum(counts.values()), note if sheets.cut else "")]


def _count(connection: duckdb.DuckDBPyConnection, mart: Mart, conditions: list[str]) -> int:
    (rows,) = connection.sql(mart.rows(conditions)).count("*").fetchone() or (0,)
    if rows >= ROWS:
        raise SettingsError(
            f"{mart.name} has {rows:,} rows, but a sheet of Excel holds {ROWS:,} with the header:"
            " select rows with --where, or export csv or parquet"
        )
    return int(rows)


class _Sheets:
    """Writes sheets into a workbook; `cut` counts the texts that were too long for a cell."""

    def __init__(self, workbook: Any) -> None:
        self._workbook = workbook
        self._head = workbook.add_format({"bold": True, "bottom": 1})
        self._moment = workbook.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        self._day = workbook.add_format({"num_format": "yyyy-mm-dd"})
        self._hundredths = workbook.add_format({"num_format": "#,##0.00"})
        self._percent = workbook.add_format({"num_format": "0.0%"})
        # Without it, text becomes a formula when a person edits the cell.
        self._quoted = workbook.add_format({"quote_prefix": True})
        self._link = workbook.get_default_url_format()
        self._links = 0
        self.cut = 0

    def write_contents(self, chosen: list[Mart], counts: dict[str, int]) -> None:
        sheet = self._add(CONTENTS, [("sheet", 36), ("rows", 12), ("description", 100)])
        for row, mart in enumerate(chosen, start=1):
            target = f"internal:'{mart.name[:SHEET_NAME]}'!A1"
            sheet.write_url(row, 0, target, self._link, mart.name)
            sheet.write_number(row, 1, counts[mart.name])
            sheet.write_string(row, 2, " ".join((mart.description or "").split())[:CHARACTERS])

    def write(
        self, connection: duckdb.DuckDBPyConnection, mart: Mart, conditions: list[str]
    ) -> None:
        sheet = self._add(mart.name, [(column.name, _width(column)) for column in mart.columns])
        connection.execute(mart.query(conditions))
        row = 0
        while batch := connection.fetchmany(BATCH):
            for cells in batch:
                row += 1
                for place, value in enumerate(cells):
                    if value is not None:
                        self._write_cell(sheet, row, place, value, mart.columns[place])
        sheet.autofilter(0, 0, row, len(mart.columns) - 1)

    def _add(self, name: str, columns: list[tuple[str, int]]) -> Any:
        """A sheet that prints in landscape, as wide as a page, its header on each."""
        sheet = self._workbook.add_worksheet(name[:SHEET_NAME])
        sheet.freeze_panes(1, 0)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(0)
        for place, (title, width) in enumerate(columns):
            sheet.set_column(place, place, width)
            sheet.write_string(0, place, title, self._head)
        return sheet

    def _write_cell(self, sheet: Any, row: int, place: int, value: Any, column: Column) -> None:
        match value:
            case bool():
                sheet.write_boolean(row, place, value)
            case int() if abs(value) < INTEGER:
                sheet.write_number(row, place, value)
            case float() | Decimal():
                form = self._percent if column.is_ratio else self._hundredths
                sheet.write_number(row, place, value, form)
            case date() if value.year >= FIRST_YEAR:
                form = self._moment if isinstance(value, datetime) else self._day
                sheet.write_datetime(row, place, value, form)
            case str() if self._is_link(value, column):
                self._links += 1
                sheet.write_url(row, place, value, self._link)
            case _:
                text = str(value)
                self.cut += len(text) > CHARACTERS
                form = self._quoted if re.match(FORMULA, text) else None
                sheet.write_string(row, place, text[:CHARACTERS], form)

    def _is_link(self, text: str, column: Column) -> bool:
        is_short = len(text) <= LINK and self._links < LINKS
        return column.is_url and text.startswith(WEB) and is_short


def _width(column: Column) -> int:
    return 40 if column.is_text else 20
