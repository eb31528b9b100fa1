"""ZetaSQL, Google's own analyzer and reference evaluator, configured for BigQuery's SQL.

The evaluator defines what a query returns: null order, rounding, trimming, overflow.
"""

import ctypes
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import wasmtime
from google.protobuf.message import Message
from zetasql.core import ZetaSqlLocalService, wasm_client
from zetasql.types import (
    AnalyzerOptions,
    LanguageFeature,
    LanguageOptions,
    NameResolutionMode,
    ProductMode,
    ZetaSQLBuiltinFunctionOptions,
)
from zetasql.wasi._pb2.zetasql.local_service import local_service_pb2 as service
from zetasql.wasi._pb2.zetasql.proto.simple_catalog_pb2 import SimpleCatalogProto
from zetasql.wasi._pb2.zetasql.public import type_pb2
from zetasql.wasi._pb2.zetasql.public.type_pb2 import TypeProto
from zetasql.wasi._pb2.zetasql.resolved_ast.resolved_ast_enums_pb2 import (
    ResolvedJoinScanEnums,
    ResolvedOrderByItemEnums,
    ResolvedWindowFrameEnums,
)

Columns = dict[str, TypeProto]

# Functions and features of the analyzer that BigQuery lacks and a model might use.
FOREIGN = (
    "ADDITIONAL_STRING_FUNCTIONS",
    "AGGREGATE_FILTERING",
    "ARRAY_EQUALITY",
    "ARRAY_FIND_FUNCTIONS",
    "ARRAY_ORDERING",
    "BARE_ARRAY_ACCESS",
    "CHAINED_FUNCTION_CALLS",
    "CONCAT_MIXED_TYPES",
    "FIRST_AND_LAST_N",
    "INLINE_LAMBDA_ARGUMENT",
    "JSON_TYPE_COMPARISON",
    "LATERAL_JOIN",
    "LIMIT_OFFSET_EXPRESSIONS",
    "LITERAL_CONCATENATION",
    "MULTILEVEL_AGGREGATION",
    "MULTIWAY_UNNEST",
    "NULLIFZERO_ZEROIFNULL",
    "TIMESTAMP_NANOS",
    "TIMESTAMP_PICOS",
    "UNNEST_AND_FLATTEN_ARRAYS",
    "UUID_TYPE",
    "WITH_EXPRESSION",
)
# BigQuery's type names that the analyzer lacks.
ALIASES = {"bigint": "int64"}
KINDS = {
    "bigint": type_pb2.TYPE_INT64,
    "boolean": type_pb2.TYPE_BOOL,
    "date": type_pb2.TYPE_DATE,
    "decimal": type_pb2.TYPE_NUMERIC,
    "double": type_pb2.TYPE_DOUBLE,
    "float": type_pb2.TYPE_DOUBLE,
    "integer": type_pb2.TYPE_INT64,
    "json": type_pb2.TYPE_JSON,
    "string": type_pb2.TYPE_STRING,
    "timestamp": type_pb2.TYPE_TIMESTAMP,
    "varchar": type_pb2.TYPE_STRING,
}
# Where a cell holds a value that needs no conversion.
FIELDS = {
    type_pb2.TYPE_INT64: "int64_value",
    type_pb2.TYPE_BOOL: "bool_value",
    type_pb2.TYPE_DOUBLE: "double_value",
    type_pb2.TYPE_JSON: "json_value",
    type_pb2.TYPE_STRING: "string_value",
}


class CachedConfig(wasmtime.Config):  # type: ignore[misc]
    """Keeps the compiled analyzer on disk: it starts in a second then, not in twenty."""

    def __init__(self) -> None:
        super().__init__()
        self.cache = True


def write_bytes(client: wasm_client.WasmClient, pointer: int, data: bytes) -> None:
    """Write everything at once; the package writes byte by byte."""
    ctypes.memmove(_address(client) + pointer, data, len(data))


def read_bytes(client: wasm_client.WasmClient, pointer: int, size: int) -> bytes:
    """At once, likewise."""
    return ctypes.string_at(_address(client) + pointer, size)


def _address(client: wasm_client.WasmClient) -> int:
    return ctypes.addressof(client.memory.data_ptr().contents)


wasm_client.Config = CachedConfig
wasm_client.WasmClient.write_bytes = write_bytes
wasm_client.WasmClient.read_bytes = read_bytes


def type_of(name: str) -> TypeProto:
    """The type of a type name in a contract, a seed or a raw table."""
    return TypeProto(type_kind=KINDS[name.lower().split("(")[0]])


class RefusedError(Exception):
    """BigQuery refuses the SQL, or fails while it runs."""


FRAME = "ResolvedWindowFrameProto"
# Digits of NUMERIC after the point.
SCALE = 9
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FIRST_DAY = date(1970, 1, 1)
# Words of the joins and orders that refuse() looks for.
NEEDS_PLAN = re.compile(r"\b(full|left|nulls|right)\b", re.IGNORECASE)
# `dataset`.`table`, with or without the project, as dbt writes it.
TABLE_NAME = re.compile(r"(?:`[^`]+`\.)?`([^`]+)`\.`([^`]+)`")
# What dbt puts around the query of a unit test, and its rows in place of a table of the model.
AROUND = re.compile(r"\s*select \* from \((.*)\) as __dbt_sbq\b.*", re.DOTALL)
FIXTURE = re.compile(r"\s__dbt__cte__\w+ as \(\s*-- Fixture for \w+\n.*?\n\),", re.DOTALL)
MOMENT = re.compile(r"'\d{4}-\d\d-\d\d[^']*'")


@dataclass(frozen=True)
class Table:
    """Columns and rows, the rows as the evaluator returns and takes them."""

    columns: Columns
    content: Any

    @classmethod
    def of(cls, columns: Columns, rows: Iterable[Iterable[Any]]) -> "Table":
        """A table of Python values."""
        content = service.TableContent(table_data=service.TableData())
        kinds = [kind.type_kind for kind in columns.values()]
        for row in rows:
            cells = content.table_data.row.add().cell
            for kind, value in zip(kinds, row, strict=True):
                write(cells.add(), kind, value)
        return cls(columns, content)

    def __len__(self) -> int:
        return len(self.content.table_data.row)

    def rows(self) -> Iterator[dict[str, Any]]:
        """The rows as Python values."""
        kinds = [(name, kind.type_kind) for name, kind in self.columns.items()]
        for row in self.content.table_data.row:
            yield {
                name: read(kind, cell) for (name, kind), cell in zip(kinds, row.cell, strict=True)
            }


def write(cell: Any, kind: int, value: Any) -> None:
    """Set a cell to a Python value; an empty cell is null."""
    if value is None:
        return
    if kind == type_pb2.TYPE_TIMESTAMP:
        seconds, rest = divmod(value.replace(tzinfo=UTC) - EPOCH, timedelta(seconds=1))
        cell.timestamp_value.seconds, cell.timestamp_value.nanos = seconds, rest.microseconds * 1000
    elif kind == type_pb2.TYPE_DATE:
        cell.date_value = (value - FIRST_DAY).days
    elif kind == type_pb2.TYPE_NUMERIC:
        number = int(Decimal(value).scaleb(SCALE))
        cell.numeric_value = number.to_bytes(number.bit_length() // 8 + 1, "little", signed=True)
    else:
        setattr(cell, FIELDS[kind], value)


def read(kind: int, cell: Any) -> Any:
    """The Python value of a cell of a scalar type."""
    if cell.WhichOneof("value") is None:
        return None
    if kind == type_pb2.TYPE_TIMESTAMP:
        moment = cell.timestamp_value
        return EPOCH + timedelta(seconds=moment.seconds, microseconds=moment.nanos // 1000)
    if kind == type_pb2.TYPE_DATE:
        return FIRST_DAY + timedelta(days=cell.date_value)
    if kind == type_pb2.TYPE_NUMERIC:
        return Decimal(int.from_bytes(cell.numeric_value, "little", signed=True)).scaleb(-SCALE)
    return getattr(cell, FIELDS[kind])


class BigQuery:
    """Tables, and what BigQuery makes of SQL that reads them."""

    def __init__(self) -> None:
        language = LanguageOptions.maximum_features()
        language.product_mode = ProductMode.PRODUCT_EXTERNAL
        language.name_resolution_mode = NameResolutionMode.NAME_RESOLUTION_DEFAULT
        foreign = {LanguageFeature[f"FEATURE_{name}"] for name in FOREIGN}
        language.enabled_language_features = [
            feature for feature in language.enabled_language_features if feature not in foreign
        ]
        language.reserved_keywords = ["QUALIFY"]
        functions = ZetaSQLBuiltinFunctionOptions(language_options=language)
        self._functions = functions.to_proto()
        self._options = AnalyzerOptions(language_options=language).to_proto()
        self._options.default_timezone = "UTC"
        self._options.prune_unused_columns = True  # a fifth less time
        self._tables: dict[str, Table] = {}
        self._registered: int | None = None
        self._copied: set[str] = set()
        # The columns of each query that was evaluated.
        self._taken: dict[str, Columns] = {}
        self._wasm = ZetaSqlLocalService.get_instance().wasm_client

    def add(self, name: str, table: Table) -> None:
        """Add a table under dbt's name for it, or replace it."""
        name = TABLE_NAME.sub(r"\1.\2", name)
        self._tables[name] = table
        self._copied.discard(name)

    def register(self) -> None:
        """Copy all tables into the evaluator once; a query of others copies what it reads."""
        request = service.RegisterCatalogRequest(
            simple_catalog=self._catalog(self._tables),
            table_content={name: table.content for name, table in self._tables.items()},
        )
        answer = self._call("RegisterCatalog", request, service.RegisterResponse)
        self._registered = answer.registered_id
        self._copied = set(self._tables)

    def table(self, dataset: str, name: str) -> Table | None:
        return self._tables.get(f"{dataset}.{name}")

    def names(self, dataset: str) -> list[str]:
        """Names of the tables of a dataset."""
        prefix = f"{dataset}."
        return [name.removeprefix(prefix) for name in self._tables if name.startswith(prefix)]

    def analyze(self, script: str) -> None:
        """Resolve the statements of a script. Raises RefusedError."""
        sql, names = self._named(script)
        request = service.AnalyzeRequest(options=self._options, simple_catalog=self._catalog(names))
        request.options.language_options.ClearField("supported_statement_kinds")
        request.parse_resume_location.input = sql
        encoded = sql.encode()
        while encoded[request.parse_resume_location.byte_position :].strip():
            answer = self._call("Analyze", request, service.AnalyzeResponse)
            request.parse_resume_location.byte_position = answer.resume_byte_position

    def evaluate(self, sql: str, is_known: bool = False) -> Table:
        """The result of a query. Raises RefusedError where BigQuery refuses or fails.

        is_known: BigQuery is known to take the statement.
        """
        written = sql
        sql, names = self._named(sql)
        if not is_known and NEEDS_PLAN.search(sql):
            refuse(self._resolved(sql, names))
        request = service.EvaluateQueryRequest(sql=sql, options=self._options)
        if self._holds(names):
            request.registered_catalog_id = self._registered
        else:
            request.simple_catalog.CopyFrom(self._catalog(names))
            for name in names:
                request.table_content[name].CopyFrom(self._tables[name].content)
        answer = self._call("EvaluateQuery", request, service.EvaluateQueryResponse)
        columns = named((column.name, column.type) for column in answer.prepared.columns)
        answer.content.table_data.SetInParent()  # an empty table lacks it
        self._taken[model_of(written)] = columns
        return Table(columns, answer.content)

    def empty(self, sql: str) -> Table:
        """A table with the columns of a query and no rows. Raises RefusedError.

        The query of a unit test is not analyzed if its model was evaluated: BigQuery takes both.
        """
        if taken := self._taken.get(model_of(sql)):
            return Table.of(taken, [])
        statement = self._resolved(*self._named(sql))
        refuse(statement)
        outputs = statement.resolved_query_stmt_node.output_column_list
        return Table.of(named((output.name, output.column.type) for output in outputs), [])

    def _resolved(self, sql: str, names: set[str]) -> Any:
        request = service.AnalyzeRequest(sql_statement=sql, options=self._options)
        if self._holds(names):
            request.registered_catalog_id = self._registered
        else:
            request.simple_catalog.CopyFrom(self._catalog(names))
        return self._call("Analyze", request, service.AnalyzeResponse).resolved_statement

    def _holds(self, names: set[str]) -> bool:
        return self._registered is not None and names <= self._copied

    def _named(self, sql: str) -> tuple[str, set[str]]:
        """The SQL with one name per table and the evaluator's names of types; the tables in it."""
        names: set[str] = set()

        def renamed(match: re.Match[str]) -> str:
            name = f"{match[1]}.{match[2]}"
            if name not in self._tables:
                return match[0]
            names.add(name)
            return f"`{name}`"

        sql = TABLE_NAME.sub(renamed, sql)
        for alias, name in ALIASES.items():
            sql = re.sub(rf"(?<=[\w`] ){alias}\b", name, sql)
        return sql, names

    def _catalog(self, names: Iterable[str]) -> SimpleCatalogProto:
        catalog = SimpleCatalogProto(name="project", builtin_function_options=self._functions)
        for name in names:
            table = catalog.table.add(name=name)
            for column, kind in self._tables[name].columns.items():
                table.column.add(name=column, type=kind)
        return catalog

    def _call(self, method: str, request: object, response: type) -> Any:
        try:
            return self._wasm.call_grpc_func(f"ZetaSqlLocalService_{method}", request, response)
        except wasm_client.ServerError as error:
            raise RefusedError(str(error)) from error


def model_of(sql: str) -> str:
    """The SQL of a model, whatever its tables and "now": the same in all of its unit tests."""
    sql = FIXTURE.sub(" ", AROUND.sub(r"\1", sql))
    sql = TABLE_NAME.sub(r"\2", sql).replace("__dbt__cte__", "")
    return " ".join(MOMENT.sub("''", sql).split())


def named(columns: Iterable[tuple[str, TypeProto]]) -> Columns:
    """The columns by name. Raises RefusedError for two of one name, and for one without a name."""
    found: Columns = {}
    for name, kind in columns:
        if name.lower() in {known.lower() for known in found}:
            raise RefusedError(f"two columns are called {name}")
        if not name or name.startswith("$"):
            raise RefusedError("a column has no name")
        found[name] = kind
    return found


def refuse(statement: Any) -> None:
    """Raise RefusedError for what the evaluator takes, but BigQuery refuses while it plans."""
    for part in parts(statement):
        kind = part.DESCRIPTOR.name
        if kind == "ResolvedJoinScanProto":
            if part.join_type != ResolvedJoinScanEnums.INNER and not has_equality(part):
                raise RefusedError(
                    "LEFT OUTER JOIN cannot be used without a condition that is an equality of"
                    " fields from both sides of the join"
                )
        elif kind == "ResolvedAggregateFunctionCallProto":
            if moves_nulls(part.order_by_item_list):
                raise RefusedError("NULLS LAST not supported in aggregate functions")
        elif kind == "ResolvedAnalyticFunctionGroupProto":
            frames = [part for part in parts(part) if part.DESCRIPTOR.name == FRAME]
            ranges = [
                frame for frame in frames if frame.frame_unit == ResolvedWindowFrameEnums.RANGE
            ]
            if ranges and moves_nulls(part.order_by.order_by_item_list):
                raise RefusedError(
                    "NULLS LAST not supported in RANGE clauses of analytic functions"
                )


def moves_nulls(items: Iterable[Any]) -> bool:
    """Whether nulls are moved to the end where BigQuery does not put them by itself."""
    first, last = ResolvedOrderByItemEnums.NULLS_FIRST, ResolvedOrderByItemEnums.NULLS_LAST
    return any(item.null_order == (first if item.is_descending else last) for item in items)


def has_equality(join: Any) -> bool:
    """Whether an equality of the condition has columns of one table on each side."""
    tables = column_ids(join.left_scan), column_ids(join.right_scan)
    for part in parts(join.join_expr):
        if part.DESCRIPTOR.name != "ResolvedFunctionCallBaseProto":
            continue
        if part.function.name.endswith("$equal"):
            sides = [column_ids(argument) for argument in part.argument_list]
            if all(sides) and any(
                all(map(set.issubset, sides, order)) for order in (tables, tables[::-1])
            ):
                return True
    return False


def column_ids(message: Any) -> set[int]:
    return {
        part.column_id for part in parts(message) if part.DESCRIPTOR.name == "ResolvedColumnProto"
    }


def parts(message: Any) -> Iterator[Any]:
    """The message and all messages in it, except types and signatures."""
    if message.DESCRIPTOR.name in ("TypeProto", "FunctionSignatureProto"):
        return
    yield message
    for field, value in message.ListFields():
        if field.message_type is not None:
            for part in (value,) if isinstance(value, Message) else value:
                yield from parts(part)


def differing(found: Columns, contract: Mapping[str, str]) -> list[str]:
    """Columns whose type differs from the contract."""
    return [
        f"{name} is {type_pb2.TypeKind.Name(found[name].type_kind)}, by contract {kind}"
        for name, kind in contract.items()
        if found[name].type_kind != type_of(kind).type_kind
    ]
