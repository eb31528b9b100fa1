"""`python -m tools.bigquery_cost`: estimate the bytes that a build bills on BigQuery.

On-demand billing counts the columns that a statement reads, whole, and at least 10 MB for each
table of a statement. dbt compiles the project for BigQuery without a server, sqlglot finds the
tables and columns of each statement, and the columns are measured in the DuckDB warehouse, in
BigQuery's logical sizes. It needs dbt's BigQuery adapter: run it with `.venv-bigquery/bin/python`.

Assumptions: a statement that reads a table twice is billed once. Load jobs, DDL, views and a
contract's `where false` are free. No filter makes a statement cheaper, because no table that a
build reads has partitions. A hook reads the tables that it names, whole.
"""

import json
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click
import duckdb
from sqlglot import exp, parse_one
from sqlglot.optimizer.pushdown_projections import pushdown_projections
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import traverse_scope

from loaders.errors import LoaderError
from loaders.settings import warehouse_path
from loaders.warehouse.file import one_row, reading

ROOT = Path(__file__).resolve().parents[1]
# A profile without credentials.
PROFILES = ROOT / "tests" / "python" / "bigquery"
MIB = 2**20
GIB = 2**30
LEAST = 10 * MIB
# Bytes of a value; a null has none. https://cloud.google.com/bigquery/pricing#data
SIZES = {"BOOLEAN": "1", "VARCHAR": "2 + strlen({})", "JSON": "strlen({})"}
DECIMAL, OTHER = "16", "8"
# Of `tests_that_found_rows`.
TESTS_IN_A_STATEMENT = 20

Node = dict[str, Any]
Columns = dict[str, int]
# Tables as `data set.table`, without the prefix of the data sets, and the columns that are read.
Read = dict[str, set[str]]
# A node's name and what it reads.
Statements = list[tuple[str, Read]]
# The rows that a test stores; they are counted in a second statement.
STORED: Read = {"test_failures": set()}


class Tables:
    """Tables that statements can read.

    sizes: bytes of each column by `data set.table`. views: SQL by the same names.
    """

    def __init__(self, sizes: Mapping[str, Columns], views: Mapping[str, str]) -> None:
        self._sizes = {**sizes, **{table: {} for table in STORED}}
        datasets: dict[str, dict[str, object]] = defaultdict(dict)
        for table, columns in sizes.items():
            dataset, _, name = table.partition(".")
            # qualify() needs types, but which columns are read does not depend on them.
            datasets[dataset][name] = dict.fromkeys(columns, "string")
        self._schema: dict[str, object] = {**datasets}
        self._views: dict[str, exp.Query | Callable[[], exp.Query]] = {
            name: _parsed(sql) for name, sql in views.items()
        }

    def read_by(self, sql: str) -> Read:
        """Tables and columns that a query reads; of a view, those that it is made of.

        Raises LoaderError for a table that is not in the warehouse.
        """
        query = exp.expand(_parsed(sql), self._views, dialect="bigquery")
        query = qualify(
            query,
            schema=self._schema,
            dialect="bigquery",
            validate_qualify_columns=False,
            quote_identifiers=False,
        )
        read: Read = defaultdict(set)
        for scope in traverse_scope(pushdown_projections(query)):
            for alias, source in scope.sources.items():
                if isinstance(source, exp.Table):
                    table = f"{source.db}.{source.name}"
                    if table not in self._sizes:
                        raise LoaderError(
                            f"the warehouse has no {table}: run `make build`, without a selection"
                        )
                    columns = {column.name for column in scope.columns if column.table == alias}
                    read[table] |= columns & self._sizes[table].keys()
        return dict(read)

    def whole(self, table: str) -> Read:
        return {table: {*self._sizes[table]}}

    def billed(self, read: Read) -> int:
        """Bytes billed for a statement."""
        found = sum(
            max(LEAST, sum(self._sizes[table][column] for column in columns))
            for table, columns in read.items()
        )
        return -(-found // MIB) * MIB


def _parsed(sql: str) -> exp.Query:
    query = parse_one(sql, dialect="bigquery")
    assert isinstance(query, exp.Query), type(query)
    for table in query.find_all(exp.Table):
        if table.db:
            table.set("catalog", None)
            table.set("db", exp.to_identifier(table.db.partition("_")[2]))
    return query


def sizes(connection: duckdb.DuckDBPyConnection) -> dict[str, Columns]:
    """Bytes that BigQuery counts for each column of the raw file and of the warehouse."""
    types: dict[tuple[str, str, str], dict[str, str]] = defaultdict(dict)
    for database, schema, table, column, kind in connection.execute(
        "select database_name, schema_name, table_name, column_name, data_type"
        " from duckdb_columns() where database_name in ('raw', 'warehouse')"
    ).fetchall():
        types[database, schema, table][column] = kind
    found = {}
    for (database, schema, table), columns in types.items():
        counted = ", ".join(
            f'coalesce(sum(case when "{column}" is not null then {_size(column, kind)} end), 0)'
            for column, kind in columns.items()
        )
        row = one_row(connection, f'select {counted} from "{database}"."{schema}"."{table}"')
        dataset = "raw" if database == "raw" else schema
        found[f"{dataset}.{table}"] = dict(zip(columns, map(int, row), strict=True))
    return found


def _size(column: str, kind: str) -> str:
    if kind.startswith("DECIMAL"):
        return DECIMAL
    return SIZES.get(kind, OTHER).format(f'"{column}"')


class Build:
    """Statements of a project that dbt has compiled for BigQuery."""

    def __init__(self, manifest: Node, measured: Mapping[str, Columns]) -> None:
        self._sources: dict[str, Node] = manifest["sources"]
        self._nodes: dict[str, Node] = manifest["nodes"]
        views = {
            _name(node): node["compiled_code"] for node in self._of_kind("model") if _is_view(node)
        }
        self.tables = Tables(measured, views)

    def models(self) -> Statements:
        """One statement per model that is a table."""
        return [
            (node["name"], self.tables.read_by(node["compiled_code"]))
            for node in self._of_kind("model")
            if not _is_view(node)
        ]

    def hooks(self) -> Statements:
        """One statement per table that a hook at the start or the end of a build names."""
        parents = [
            self._nodes.get(key) or self._sources[key]
            for node in self._of_kind("operation")
            for key in node["depends_on"]["nodes"]
        ]
        return [("hooks", self.tables.whole(_name(parent))) for parent in parents]

    def one_by_one(self) -> Statements:
        """One statement per data test, and one that counts the rows that it stored."""
        found: Statements = []
        for node in self._tests():
            is_stored = bool(node["relation_name"])
            read = self.tables.read_by(node["compiled_code"]) if is_stored else self._counted(node)
            found.append((node["name"], read))
            if is_stored:
                found.append((node["name"], STORED))
        return found

    def together(self) -> Statements:
        """The statements of the nodes in tests/dbt/together, if no test finds rows."""
        parts: dict[str, list[Read]] = defaultdict(list)
        for node in self._tests():
            parents = (self._nodes.get(key, {}) for key in node["depends_on"]["nodes"])
            folders = {folder for parent in parents for folder in parent.get("fqn", ())}
            part = "of_marts" if folders & {"marts", "quality"} else "before_marts"
            severity = node["config"]["severity"].lower()
            name = f"{'warned' if severity == 'warn' else 'failed'}_tests_{part}"
            parts[name].append(self._counted(node))
        found: Statements = []
        for name, reads in parts.items():
            for start in range(0, len(reads), TESTS_IN_A_STATEMENT):
                together: Read = defaultdict(set)
                for read in reads[start : start + TESTS_IN_A_STATEMENT]:
                    for table, columns in read.items():
                        together[table] |= columns
                found.append((name, together))
            found.append((name, STORED))
        return found

    def _tests(self) -> list[Node]:
        return [node for node in self._of_kind("test") if not node["config"]["meta"].get("runs")]

    def _counted(self, node: Node) -> Read:
        return self.tables.read_by(
            f"select count(*) as rows_failing from ({node['compiled_code']})"
        )

    def _of_kind(self, kind: str) -> list[Node]:
        return [node for node in self._nodes.values() if node["resource_type"] == kind]


def _is_view(node: Node) -> bool:
    return bool(node["config"]["materialized"] == "view")


def _name(node: Node) -> str:
    """`data set.table` without the prefix of the data sets."""
    dataset, _, table = node["relation_name"].replace("`", "").rpartition(".")
    return f"{dataset.partition('_')[2]}.{table}"


def compiled(folder: Path) -> Node:
    """The manifest of the project, compiled for BigQuery in `folder`.

    Raises LoaderError where dbt does not compile it.
    """
    _dbt(folder, "compile", "--selector", "one_by_one", "--no-introspect", "--no-populate-cache")
    manifest: Node = json.loads((folder / "manifest.json").read_text())
    return manifest


def names_of(selector: str, folder: Path) -> set[str]:
    """Names of the models that a selector of selectors.yml selects."""
    return set(_dbt(folder, "ls", "--selector", selector, "--output", "name").split())


def _dbt(folder: Path, command: str, *arguments: str) -> str:
    program = [str(Path(sys.executable).with_name("dbt")), "--quiet", "--no-use-colors"]
    where = ["--target", "bigquery", "--profiles-dir", str(PROFILES), "--target-path", str(folder)]
    run = subprocess.run(
        [*program, "--log-path", str(folder), command, *arguments, *where],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if run.returncode:
        said = " ".join((run.stdout or run.stderr).split())
        raise LoaderError(
            f"dbt {command} for BigQuery failed: {said[:500]}; use the Python of an environment"
            " with dbt-bigquery, such as .venv-bigquery"
        )
    return run.stdout


@click.command()
@click.option("--builds-a-day", type=click.IntRange(0), default=24, show_default=True)
@click.option("--tests-a-day", type=click.IntRange(0), default=1, show_default=True)
@click.option(
    "--price",
    type=float,
    default=6.25,
    show_default=True,
    help="Dollars per TiB: cloud.google.com/bigquery/pricing, on-demand, region US.",
)
def main(builds_a_day: int, tests_a_day: int, price: float) -> None:
    """Estimate the bytes that builds of MAINTAINX_WAREHOUSE's data would bill on BigQuery.

    A day has --builds-a-day builds of the selector hourly, and --tests-a-day of the selector
    together, which has all models and data tests. The first TiB of a month is free, and not
    subtracted.
    """
    try:
        with reading(warehouse_path(), "raw", "warehouse") as connection:
            measured = sizes(connection)
        with TemporaryDirectory() as name:
            build = Build(compiled(Path(name)), measured)
            hourly = names_of("hourly", Path(name))
        hooks, models = build.hooks(), build.models()
        marts = [*hooks, *(model for model in models if model[0] in hourly)]
        whole = [*hooks, *models, *build.together()]
        builds = {
            "hourly": marts,
            "together": whole,
            "one_by_one": [*hooks, *models, *build.one_by_one()],
        }
    except LoaderError as error:
        raise click.ClickException(str(error)) from None
    tables = build.tables
    click.echo(f"{'selector':<12}{'statements':>11}{'tables read':>13}{'GiB':>9}")
    for name, statements in builds.items():
        pairs = sum(len(read) for _, read in statements)
        click.echo(f"{name:<12}{len(statements):11,}{pairs:13,}{_gib(tables, statements):9.2f}")
    day = builds_a_day * _gib(tables, marts) + tests_a_day * _gib(tables, whole)
    click.echo(
        f"\na day: {builds_a_day} builds of hourly and {tests_a_day} of together:"
        f" {day:,.1f} GiB, ${day / 1024 * price:,.2f}"
    )
    for name, statements in (("hourly", marts), ("together", whole)):
        nodes: Counter[str] = Counter()
        for node, read in statements:
            nodes[node] += tables.billed(read)
        click.echo(f"\ndearest nodes of {name}, GiB")
        for node, found in nodes.most_common(10):
            click.echo(f"{found / GIB:9.2f}  {node}")


def _gib(tables: Tables, statements: Statements) -> float:
    return sum(tables.billed(read) for _, read in statements) / GIB


if __name__ == "__main__":
    main()
