"""The charts of the dashboard: declared in dashboard/charts, one YAML file and one SQL file each.

The SQL reads `marts.duckdb` only. Its columns organization_id, site_location_id and team_id and the
column `time` are what the page filters by; null in team_id stands for all teams.
"""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from loaders.errors import LoaderError
from loaders.settings import PROJECT
from loaders.yaml_files import read_yaml

FOLDER = PROJECT / "dashboard"

REQUIRED = {"section", "place", "title", "question", "definition", "columns", "empty"}
KEYS = REQUIRED | {
    *("differences", "group", "headlines", "list", "notes", "period", "quotients", "report"),
    *("stock", "sum", "table", "target", "time", "top", "vega", "wide"),
}
FILTERED_BY = ("organization_id", "site_location_id", "team_id")
MART = re.compile(r"\bmarts\.(\w+)")
DIGITS = 6

Table = dict[str, list[Any]]


@dataclass(frozen=True)
class Chart:
    """A chart: its specification as JSON, and its rows by column."""

    name: str
    spec: Mapping[str, Any]
    table: Table

    @property
    def rows(self) -> int:
        return len(next(iter(self.table.values())))


def read_charts(
    connection: duckdb.DuckDBPyConnection, with_names: bool, folder: Path = FOLDER
) -> list[Chart]:
    """The charts of a folder with their rows, in the order of the page.

    `connection` names the published marts `marts`. Without `with_names` no name of a person is
    read. Raises LoaderError for a specification or a query that cannot be used.
    """
    connection.execute(f"set variable with_names = {with_names}")
    for path in sorted((folder / "shared").glob("*.sql")):
        _run(connection, path, f"create or replace temp table {path.stem} as {path.read_text()}")
    charts = [
        Chart(path.stem, spec, _table(connection, path.with_suffix(".sql"), spec))
        for path, spec in specifications(folder, with_names)
    ]
    return sorted(charts, key=lambda chart: (chart.spec["place"], chart.name))


def specifications(folder: Path, with_names: bool) -> list[tuple[Path, dict[str, Any]]]:
    """The YAML files of a folder's charts, checked; without `with_names` no column of names."""
    found = []
    for path in sorted((folder / "charts").glob("*.yml")):
        spec = read_yaml(path)
        _check(path, spec)
        if not with_names:
            spec["columns"] = {
                name: column for name, column in spec["columns"].items() if not column.get("names")
            }
        spec["marts"] = list(dict.fromkeys(MART.findall(path.with_suffix(".sql").read_text())))
        found.append((path, spec))
    return found


def _check(path: Path, spec: dict[str, Any]) -> None:
    sql = path.with_suffix(".sql")
    if not sql.exists():
        raise LoaderError(f"{path} has no query: write {sql.name} beside it")
    if missing := REQUIRED - set(spec):
        raise LoaderError(f"{path} lacks {', '.join(sorted(missing))}: see CONTRIBUTING.md")
    if unknown := set(spec) - KEYS:
        raise LoaderError(f"{path} has unknown keys: {', '.join(sorted(unknown))}")
    if ("list" in spec) == ("group" in spec):
        raise LoaderError(f"{path} needs either `group` and `sum`, or `list`")
    known = set(spec["columns"]) | set(spec.get("sum", ())) | set(spec.get("quotients", ()))
    for headline in spec.get("headlines", ()):
        if unknown := {headline["value"], *headline.get("also", ())} - known:
            raise LoaderError(f"{path}: a headline shows unknown columns {sorted(unknown)}")


def _table(connection: duckdb.DuckDBPyConnection, sql: Path, spec: Mapping[str, Any]) -> Table:
    query = sql.read_text()
    time = spec.get("time")
    if time:
        query = (
            f"select found.* from ({query}) as found cross join period"
            f" where found.{time} between period.first_on and period.last_on"
        )
    query = f"select * from ({query}) as rows order by all"
    relation = _run(connection, sql, query)
    names = [column[0] for column in relation.description or []]
    wanted = {
        *FILTERED_BY,
        *({time} if time else ()),
        *spec.get("group", ()),
        *spec.get("sum", ()),
        *(("rows_in_all",) if "list" in spec else ()),
        *(spec["columns"] if "list" in spec else ()),
        *(column["link"] for column in spec["columns"].values() if "link" in column),
    }
    if missing := wanted - set(names) - set(FILTERED_BY):
        raise LoaderError(f"{sql} gives no column {', '.join(sorted(missing))}")
    columns: list[Sequence[Any]] = list(zip(*relation.fetchall(), strict=True))
    return {
        name: [_plain(value) for value in columns[place]] if columns else []
        for place, name in enumerate(names)
        if name in wanted
    }


def _plain(value: Any) -> Any:
    """A value as JSON has it: dates as text, numbers with at most six decimals, else null."""
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float | Decimal):
        if not math.isfinite(value):
            return None
        rounded = round(float(value), DIGITS)
        return int(rounded) if rounded.is_integer() else rounded
    return value.isoformat()[:10]


def _run(
    connection: duckdb.DuckDBPyConnection, path: Path, query: str
) -> duckdb.DuckDBPyConnection:
    try:
        return connection.execute(query)
    except (duckdb.BinderException, duckdb.CatalogException, duckdb.ParserException) as error:
        reason = str(error).split("\n", maxsplit=1)[0]
        raise LoaderError(
            f"{path} cannot be read: {reason}; run `make build`, which writes marts.duckdb again"
        ) from None
