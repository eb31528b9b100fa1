"""Marts as files: CSV and Parquet, and what the kinds of file share.

Files are written atomically: in a folder beside the others, and renamed when all are complete. Rows
are streamed, never held in memory.
"""

import csv
import logging
import shutil
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb

from loaders.errors import LoaderError, SettingsError, explained, first_line
from loaders.export import marts
from loaders.export.marts import Column, Mart
from loaders.warehouse import lock
from loaders.warehouse.file import literal, reading

log = logging.getLogger(__name__)

BATCH = 2_000
# Small groups of rows, so that a million rows of many columns are never held.
PARQUET_GROUP = 30_720
# Spaces, control characters and what has no width: a spreadsheet may drop them before a text.
BLANKS = (
    r"\x00-\x20\x7f-\xa0\xad"
    "\u034f\u061c\u1680\u180e\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ufeff"
)
# A spreadsheet may run text that starts so as a formula. DuckDB and Python read the pattern alike.
FORMULA = rf"^[{BLANKS}]*[\t\n\r=+\-@＝＋－＠]"


@dataclass(frozen=True)
class Selection:
    """Marts by name (none: the default of the kind of file), and conditions on their rows."""

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


# Hands on the marts one by one, and shows which one is written.
Progress = Callable[[list[Mart]], Iterable[Mart]]
Writer = Callable[[duckdb.DuckDBPyConnection, list[Mart], list[str], Path, Progress], list[Written]]


def log_lines(chosen: list[Mart]) -> Iterator[Mart]:
    """One log line per mart that was written."""
    for mart in chosen:
        started = time.monotonic()
        yield mart
        log.info("%s written in %.1f s", mart.name, time.monotonic() - started)


def every_mart(_mart: Mart) -> bool:
    return True


def export(  # noqa: PLR0913, PLR0917
    warehouse: Path,
    out: Path,
    selection: Selection,
    write: Writer,
    progress: Progress = log_lines,
    default: Callable[[Mart], bool] = every_mart,
) -> list[Written]:
    """Write the selection into the folder `out`; without names the marts that meet `default`.

    Raises SettingsError if the selection does not fit a mart, LoaderError if a file cannot be
    written; the earlier files then stay as they are.
    """
    with reading(warehouse, "warehouse") as connection, aside(out) as folder:
        connection.execute(f"set temp_directory = {literal(str(folder / 'spill'))}")
        chosen = select(connection, selection, default)
        try:
            files = write(connection, chosen, selection.conditions, folder, progress)
        except (OSError, duckdb.Error) as error:
            raise explained(error, "nothing was exported") or error from None
        for file in files:
            file.path.replace(out / file.path.name)
    return [Written(out / file.path.name, file.rows, file.note) for file in files]


@contextmanager
def aside(out: Path) -> Iterator[Path]:
    """A folder inside `out` for incomplete files, empty at first and deleted at the end.

    Raises WarehouseHeldError while another process exports to `out`.
    """
    folder = out / ".unfinished"
    with lock.held(folder, "export", "name another folder"):
        if folder.is_symlink() or folder.is_file():
            folder.unlink()
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def select(
    connection: duckdb.DuckDBPyConnection,
    selection: Selection,
    default: Callable[[Mart], bool] = every_mart,
) -> list[Mart]:
    """The marts of a selection, or those that meet `default`; its conditions are tried on each.

    Raises SettingsError if a mart does not fit a condition, LoaderError if there is no mart.
    """
    chosen = marts.read(connection, selection.personal_data, selection.names)
    if not selection.names:
        chosen = [mart for mart in chosen if default(mart)]
    if not chosen:
        raise LoaderError("no report mart is built yet: run `make build` first")
    if selection.since and (lacking := [one.name for one in chosen if not one.has_updated_at]):
        able = [one.name for one in marts.read(connection) if one.has_updated_at]
        raise SettingsError(
            f"--since needs a column updated_at, which {', '.join(lacking)} lacks:"
            f" name some of {', '.join(able)}, or use --where"
        )
    if selection.where and (unfit := _unfit(connection, selection, chosen)):
        others = [one for one in marts.read(connection) if one.name not in unfit]
        able = [one.name for one in others if not _unfit(connection, selection, [one])]
        hint = f"; name some of {', '.join(able)}" if able else ""
        raise SettingsError(
            f"--where does not fit {', '.join(unfit)}: {next(iter(unfit.values()))}{hint}"
        )
    return chosen


def _unfit(
    connection: duckdb.DuckDBPyConnection, selection: Selection, chosen: list[Mart]
) -> dict[str, str]:
    """The marts that do not take the condition of a selection, each with what DuckDB says.

    Raises SettingsError if the condition is no SQL, which none takes.
    """
    unfit = {}
    for mart in chosen:
        try:
            connection.execute(f"explain select 1 {mart.rows(selection.conditions)}")
        except duckdb.ParserException as error:
            raise SettingsError(f"--where is no condition in SQL: {first_line(error)}") from None
        except duckdb.Error as error:
            unfit[mart.name] = first_line(error)
    return unfit


@dataclass(frozen=True)
class CsvWriter:
    """RFC 4180: every cell quoted, CRLF, UTF-8. Times are ISO 8601 in UTC, hours have two decimals,
    null is an empty cell. excel: as Excel opens it where the comma is the decimal separator: cells
    end with a semicolon, numbers have a comma, the file begins with a byte order mark.
    raw_formulas: leave text that a spreadsheet would run as a formula."""

    excel: bool = False
    raw_formulas: bool = False

    def __call__(
        self,
        connection: duckdb.DuckDBPyConnection,
        chosen: list[Mart],
        conditions: list[str],
        folder: Path,
        progress: Progress,
    ) -> list[Written]:
        return [self._write(connection, mart, conditions, folder) for mart in progress(chosen)]

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
        encoding, delimiter = ("utf-8-sig", ";") if self.excel else ("utf-8", ",")
        with path.open("w", encoding=encoding, newline="") as file:
            writer = csv.writer(
                file, delimiter=delimiter, quoting=csv.QUOTE_ALL, lineterminator="\r\n"
            )
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
        text = f"printf('%.2f', {value})" if column.is_hours else f"cast({value} as varchar)"
        if column.is_text and not self.raw_formulas:
            is_formula = f"regexp_matches({text}, {literal(FORMULA)})"
            return f"case when {is_formula} then '''' else '' end || {text}"
        if column.has_decimals and self.excel:
            return f"replace({text}, '.', ',')"
        return text


def write_parquet(
    connection: duckdb.DuckDBPyConnection,
    chosen: list[Mart],
    conditions: list[str],
    folder: Path,
    progress: Progress = log_lines,
) -> list[Written]:
    """One file per mart with the types of the mart, compressed with zstd."""
    files = []
    for mart in progress(chosen):
        path = folder / f"{mart.name}.parquet"
        copied = connection.execute(
            f"copy ({mart.query(conditions)})"
            f" to {literal(str(path))} (format parquet, compression zstd,"
            f" row_group_size {PARQUET_GROUP})"
        ).fetchone()
        files.append(Written(path, copied[0] if copied else 0))
    return files
