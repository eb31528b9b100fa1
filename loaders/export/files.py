"""Marts as files: CSV and Parquet, and what the kinds of file share.

Files are written in a folder beside the others and renamed when all are whole, so that nobody reads
half a file and whoever is killed leaves the former ones. Rows are streamed, never held.
"""

import csv
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

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
