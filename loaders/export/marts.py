"""The marts that can be exported: names, columns, keys, and which columns are personal data.

Names, types, keys and descriptions come from the built tables. Personal data is declared in the
models' YAML, as `meta: {personal: ...}` of a column. A table without YAML is not exported, because
nothing says what of it is personal.
"""

import logging
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import duckdb

from loaders.errors import LoaderError, SettingsError, did_you_mean
from loaders.settings import PROJECT
from loaders.yaml_files import read_yaml

log = logging.getLogger(__name__)

MODELS = PROJECT / "models" / "marts"
LEFT_OUT = True
ADDRESSES_INSIDE = "addresses"

RATIO = re.compile(r"(^|_)(share|coverage|order_rate)$|^(compliance|availability|on_time)")

ADDRESS = r"[^\s@,;:<>()\[\]\"']+@[^\s@,;:<>()\[\]\"']+"
HIDE_ADDRESSES = f"""
case when contains({{text}}, '@')
    then list_reduce(
        list_prepend({{text}}, regexp_extract_all({{text}}, '{ADDRESS.replace("'", "''")}')),
        lambda shown, address:
            replace(shown, address, '(address ' || left(md5(lower(address)), 8) || ')')
    )
    else {{text}}
end
"""

# Column of the export `work_orders` -> column of fct_work_orders.
WORK_ORDERS = {
    "ID": "work_order_id",
    "Title": "title",
    "Status": "status",
    "Priority": "source_priority",
    "Asset": "asset_name",
    "Location": "location_path",
    "Assignees": "assignee_names",
    "Created": "created_at",
    "Completed": "completed_at",
    "Duration (hrs)": "duration_hours",
}


@dataclass(frozen=True)
class Column:
    """A column of an export: `name`, DuckDB `type`, and its SQL `expression`."""

    name: str
    type: str
    expression: str
    description: str | None

    @property
    def is_text(self) -> bool:
        return self.type in ("VARCHAR", "JSON")

    @property
    def is_url(self) -> bool:
        return self.is_text and self.name.endswith("_url")

    @property
    def is_ratio(self) -> bool:
        """Whether its values lie between 0 and 1."""
        return self.type == "DOUBLE" and RATIO.search(self.name) is not None

    @property
    def has_decimals(self) -> bool:
        return self.type == "DOUBLE" or self.type.startswith("DECIMAL")

    @property
    def is_hours(self) -> bool:
        return self.type == "DOUBLE" and self.name.endswith(("_hours", "(hrs)"))


@dataclass(frozen=True)
class Mart:
    """A table to export: `source` is the mart it is read from, `key` the primary key of that mart.

    has_updated_at: whether the source has a column updated_at. schema: the source's schema.
    """

    name: str
    source: str
    description: str | None
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    has_updated_at: bool
    schema: str = "marts"

    def rows(self, where: Iterable[str] = ()) -> str:
        """The FROM clause: the rows that meet every condition, in the order of the key, if any."""
        conditions = " and ".join(f"({one}\n)" for one in where) or "true"
        order = ", ".join(map(quoted, self.key)) or "all"
        return f"from {self.schema}.{quoted(self.source)} where {conditions} order by {order}"

    def query(self, where: Iterable[str] = ()) -> str:
        """The columns of these rows."""
        return f"select {self._selected} {self.rows(where)}"

    def unsorted(self) -> str:
        """The columns of all rows, as they lie in the warehouse."""
        return f"select {self._selected} from {self.schema}.{quoted(self.source)}"

    @property
    def _selected(self) -> str:
        return ", ".join(f"{one.expression} as {quoted(one.name)}" for one in self.columns)


def quoted(name: str) -> str:
    """A name quoted for SQL."""
    return '"' + name.replace('"', '""') + '"'


def read(
    connection: duckdb.DuckDBPyConnection, personal_data: bool = False, names: Iterable[str] = ()
) -> list[Mart]:
    """The marts of these names, or all of them; `work_orders` is the last.

    Without `personal_data` the columns declared as personal are left out. Tables that no YAML file
    declares are left out, and the log names them. Raises SettingsError for a name that is no
    declared mart, LoaderError for a mart that is not built.
    """
    declared = _declared()
    tables: dict[str, str | None] = dict(
        connection.execute(
            "select table_name, comment from duckdb_tables() where schema_name = 'marts'"
            " and database_name = current_database() union all"
            " select view_name, comment from duckdb_views() where schema_name = 'marts'"
            " and database_name = current_database() order by 1"
        ).fetchall()
    )
    undeclared = [name for name in tables if name not in declared]
    tables = {name: comment for name, comment in tables.items() if name in declared}
    wanted = list(dict.fromkeys(names))
    for name in wanted:
        source = "fct_work_orders" if name == "work_orders" else name
        if source in undeclared:
            raise SettingsError(
                f"{name} is not exported, because no YAML file in models/marts declares it: add it"
                " there, with its personal columns"
            )
        if source not in declared:
            known = ["work_orders", *sorted(declared)]
            raise SettingsError(
                f"no such mart: {name}{did_you_mean(name, known)}; there are {', '.join(known)}"
            )
        if source not in tables:
            raise LoaderError(f"{name} is not built yet: run `make build` first")
    if not tables:
        raise LoaderError("no mart is built yet: run `make build` first")
    if undeclared and not wanted:
        log.warning(
            "not exported, because no YAML file in models/marts declares it: %s",
            ", ".join(undeclared),
        )
    columns: dict[str, list[tuple[str, str, str | None]]] = {}
    for name, *column in connection.execute(
        "select table_name, column_name, data_type, comment from duckdb_columns()"
        " where schema_name = 'marts' and database_name = current_database()"
        " order by table_name, column_index"
    ).fetchall():
        columns.setdefault(name, []).append(tuple(column))
    marts = [
        _mart(name, comment, columns[name], declared[name], personal_data)
        for name, comment in tables.items()
    ]
    marts += [_work_orders(mart) for mart in marts if mart.name == "fct_work_orders"]
    return [mart for mart in marts if not wanted or mart.name in wanted]


def read_raw(connection: duckdb.DuckDBPyConnection) -> list[Mart]:
    """The raw tables, unchanged; `key` is what BigQuery clusters them by."""
    found = connection.execute(
        "select table_name, column_name, data_type from duckdb_columns()"
        " where database_name = 'raw' and table_name != '_schema_version'"
        " order by table_name, column_index"
    ).fetchall()
    tables: dict[str, list[Column]] = {}
    for table, column, kind in found:
        tables.setdefault(table, []).append(Column(column, kind, quoted(column), None))
    return [
        Mart(
            name,
            name,
            None,
            tuple(columns),
            tuple(one.name for one in columns if one.name in ("organization_id", "id")),
            False,
            "raw",
        )
        for name, columns in tables.items()
    ]


@dataclass(frozen=True)
class _Declared:
    """What the YAML of a mart says: column -> `meta: personal`, and the primary key."""

    personal: dict[str, Any]
    key: tuple[str, ...]


def _declared() -> dict[str, _Declared]:
    """Every mart that the models' YAML declares.

    Raises LoaderError for a file that is no YAML, or that declares models otherwise than dbt reads.
    """
    marts: dict[str, _Declared] = {}
    for path in sorted(MODELS.rglob("*.yml")):
        document = read_yaml(path)
        try:
            for model in document.get("models") or []:
                personal = {
                    column["name"]: meta
                    for column in model.get("columns") or []
                    if (meta := column.get("config", {}).get("meta", {}).get("personal"))
                }
                key = [
                    name
                    for constraint in model.get("constraints") or []
                    if constraint["type"] == "primary_key"
                    for name in constraint["columns"]
                ]
                marts[model["name"]] = _Declared(personal, tuple(key))
        except (AttributeError, LookupError, TypeError):
            raise LoaderError(
                f"{path} does not declare models as dbt reads them: run `python -m loaders dbt"
                " parse`, which says where"
            ) from None
    return marts


def _mart(
    name: str,
    description: str | None,
    found: list[tuple[str, str, str | None]],
    declared: _Declared,
    personal_data: bool,
) -> Mart:
    """The mart of a table. found: name, type and description of each column."""
    personal = {} if personal_data else declared.personal
    columns = tuple(
        Column(column, kind, _expression(column, personal.get(column)), comment)
        for column, kind, comment in found
        if personal.get(column) is not LEFT_OUT
    )
    names = {column for column, _, _ in found}
    # A mart that was built before an upgrade may lack a column of the key.
    key = declared.key if names.issuperset(declared.key) else ()
    return Mart(name, name, description, columns, key, "updated_at" in names)


def _expression(column: str, personal: Any) -> str:
    if personal == ADDRESSES_INSIDE:
        return HIDE_ADDRESSES.format(text=f"cast({quoted(column)} as varchar)")
    return quoted(column)


def _work_orders(mart: Mart) -> Mart:
    columns = {column.name: column for column in mart.columns}
    chosen = tuple(
        Column(title, columns[name].type, columns[name].expression, columns[name].description)
        for title, name in WORK_ORDERS.items()
    )
    return Mart("work_orders", mart.name, mart.description, chosen, mart.key, mart.has_updated_at)
