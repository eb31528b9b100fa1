"""Google's SQL analyzer ZetaSQL, configured for BigQuery's SQL."""

import ctypes
import re
from collections.abc import Mapping
from typing import Any

import wasmtime
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
    """BigQuery refuses the SQL."""


class BigQuery:
    """A catalog of tables with their columns, and the analysis of SQL against it."""

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
        self._options = AnalyzerOptions(language_options=language).to_proto()
        self._catalog = SimpleCatalogProto(
            name="project", builtin_function_options=functions.to_proto()
        )
        self._names: dict[str, str] = {}
        self._registered: int | None = None
        self._wasm = ZetaSqlLocalService.get_instance().wasm_client

    def add(self, name: str, columns: Mapping[str, TypeProto]) -> None:
        """Add a table under dbt's name for it, `project`.`dataset`.`table` or without project."""
        table = self._catalog.table.add(name=name.replace("`", ""))
        for column, kind in columns.items():
            table.column.add(name=column, type=kind)
        for written in (name, name.partition(".")[2]):
            self._names[written] = f"`{name.replace('`', '')}`"
        self._registered = None

    def columns(self, sql: str) -> Columns:
        """Columns of the result of a query. Raises RefusedError."""
        if self._registered is None:
            registered = self._call(
                "RegisterCatalog",
                service.RegisterCatalogRequest(simple_catalog=self._catalog),
                service.RegisterResponse,
            )
            self._registered = registered.registered_id
        analyzed = self._call(
            "Analyze",
            service.AnalyzeRequest(
                registered_catalog_id=self._registered,
                options=self._options,
                sql_statement=self._spoken(sql),
            ),
            service.AnalyzeResponse,
        )
        found: Columns = {}
        for column in analyzed.resolved_statement.resolved_query_stmt_node.output_column_list:
            if column.name.lower() in {name.lower() for name in found}:
                raise RefusedError(f"two columns are called {column.name}")
            if column.name.startswith("$"):
                raise RefusedError("a column has no name")
            found[column.name] = column.column.type
        return found

    def _call(self, method: str, request: object, response: type) -> Any:
        try:
            return self._wasm.call_grpc_func(f"ZetaSqlLocalService_{method}", request, response)
        except wasm_client.ServerError as error:
            raise RefusedError(str(error)) from error

    def _spoken(self, sql: str) -> str:
        """The SQL with one name per table, and with the analyzer's type names."""
        for written, name in self._names.items():
            sql = sql.replace(written, name)
        for alias, name in ALIASES.items():
            sql = re.sub(rf"\bas {alias}\b", f"as {name}", sql)
        return sql


def differing(found: Columns, contract: Mapping[str, str]) -> list[str]:
    """Columns whose type differs from the contract."""
    return [
        f"{name} is {type_pb2.TypeKind.Name(found[name].type_kind)}, by contract {kind}"
        for name, kind in contract.items()
        if found[name].type_kind != type_of(kind).type_kind
    ]
