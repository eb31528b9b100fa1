"""Crucible, an emulator of BigQuery, with SQL that BigQuery accepts and crucible 0.1.0a2 refuses.

`python -m tests.python.bigquery.emulator PORT` serves it on 127.0.0.1.
"""

import sys
from io import BytesIO
from typing import Any

import pyarrow.parquet
import uvicorn
from crucible.dialects.bigquery import metadata, statements, transforms, types
from crucible.dialects.bigquery.generator import generate
from crucible.dialects.bigquery.transforms import json
from crucible.dialects.bigquery.transforms.common import typed
from crucible.dialects.bigquery.translate import outer_selects, prepare
from crucible.engine import Engine, ExecContext, Plan
from crucible.engine.catalog import qualified
from crucible.server.app import create_app
from crucible.server.bigquery import app, jobs
from sqlglot import exp

KEPT_HOW = ("clustering", "destinationTableProperties")
TEXTS = (exp.DType.TEXT, exp.DType.VARCHAR, exp.DType.JSON, exp.DType.UNKNOWN)


def type_name(data_type: exp.DataType) -> str:
    """Report NUMERIC(18, 2) as NUMERIC, and a sum of INT64 as INT64."""
    names = {exp.DType.DECIMAL: "NUMERIC", exp.DType.INT128: "INT64"}
    return names.get(data_type.this) or named(data_type)


def encodable(node: exp.JSONFormat) -> None:
    """TO_JSON_STRING of a text that may not be JSON, and of an element of a JSON array."""
    value = node.this
    kind = value.type.this if value.type is not None else exp.DType.UNKNOWN
    if kind not in TEXTS:
        encoded(node)
        return
    null = exp.Cast(this=exp.Literal.string("null"), to=exp.DataType.build("JSON"))
    value.replace(
        exp.Case(
            ifs=[exp.If(this=exp.Is(this=value.copy(), expression=exp.Null()), true=null)],
            default=exp.Anonymous(this="to_json", expressions=[value.copy()]),
        )
    )


def json_keys(tree: exp.Expr, _: transforms.TransformContext) -> exp.Expr:
    """JSON_KEYS(object, 1): sorted; a key that contains a dot or a quote is a JSON string."""
    for node in reversed(list(tree.find_all(exp.JSONKeysAtDepth))):
        key = exp.to_identifier("crucible_key")
        special = exp.Anonymous(
            this="regexp_matches",
            expressions=[exp.column(key.copy()), exp.Literal.string(r'["\\.]')],
        )
        quoted = exp.Cast(
            this=exp.Anonymous(this="to_json", expressions=[exp.column(key.copy())]),
            to=exp.DataType.build("VARCHAR"),
        )
        written = exp.Case(ifs=[exp.If(this=special, true=quoted)], default=exp.column(key.copy()))
        keys = exp.Anonymous(
            this="list_sort",
            expressions=[exp.Anonymous(this="json_keys", expressions=[node.this.copy()])],
        )
        node.replace(
            typed(
                exp.Anonymous(
                    this="list_transform",
                    expressions=[keys, exp.Lambda(this=written, expressions=[key])],
                ),
                "ARRAY<STRING>",
            )
        )
    return tree


def json_members(tree: exp.Expr, _: transforms.TransformContext) -> exp.Expr:
    """json[key] for any key."""
    for node in reversed(list(tree.find_all(exp.Bracket))):
        if node.args.get("offset") is not None:
            continue
        pointer: exp.Expr = node.expressions[0].copy()
        for character, written in (("~", "~0"), ("/", "~1")):
            pair = [exp.Literal.string(character), exp.Literal.string(written)]
            pointer = exp.Anonymous(this="replace", expressions=[pointer, *pair])
        pointer = exp.Anonymous(this="concat", expressions=[exp.Literal.string("/"), pointer])
        member = exp.Anonymous(this="json_extract", expressions=[node.this.copy(), pointer])
        node.replace(typed(member, "JSON"))
    return tree


def divisions(tree: exp.Expr, _: transforms.TransformContext) -> exp.Expr:
    """DIV(a - 1, 2), which crucible translates to a - 1 // 2."""
    for node in tree.find_all(exp.IntDiv):
        for side in ("this", "expression"):
            if isinstance(operand := node.args[side], exp.Binary):
                operand.replace(exp.paren(operand.copy()))
    return tree


def fingerprints(tree: exp.Expr, _: transforms.TransformContext) -> exp.Expr:
    """FARM_FINGERPRINT as another hash, because no model returns the hash."""
    for node in tree.find_all(exp.FarmFingerprint):
        hashed = exp.Anonymous(this="hash", expressions=[one.copy() for one in node.expressions])
        halved = exp.IntDiv(this=hashed, expression=exp.Literal.number(2))
        node.replace(typed(exp.Cast(this=halved, to=exp.DataType.build("BIGINT")), "INT64"))
    return tree


def parse_json(tree: exp.Expr, _: transforms.TransformContext) -> exp.Expr:
    """SAFE.PARSE_JSON(text, wide_number_mode => 'round'); DuckDB always rounds."""
    for node in tree.find_all(exp.ParseJSON):
        for argument in list(node.find_all(exp.Kwarg)):
            argument.pop()
    return tree


def plan(tree: exp.Expr, ctx: ExecContext) -> Plan:
    """DELETE, translated by way of a query for the rows that it deletes."""
    if not isinstance(tree, exp.Delete):
        return planned(tree, ctx)
    info = metadata.find_table(ctx, metadata.name_of(tree.this, ctx))
    rows = exp.select("1").from_(tree.this.copy()).where(tree.args["where"].this.copy())
    [select] = outer_selects(prepare(rows, ctx).query)
    table = qualified(info.catalog, info.schema, info.name)
    alias = qualified(select.args["from_"].this.alias_or_name)
    where = generate(select.args["where"].this)
    return statements.run_sql(
        f"DELETE FROM {table} AS {alias} WHERE {where}", "DELETE", ctx, returns_rows=False
    )


def load(runner: jobs.Runner, job: jobs.Job, config: dict[str, Any], data: bytes) -> None:
    """A Parquet load job. Partitions and clusters are ignored, because they change no result."""
    taken = {key: value for key, value in config.items() if key not in KEPT_HOW}
    loaded(runner, job, {**taken, "sourceFormat": "CSV"}, data)


def parse(data: bytes, fields: list[dict[str, Any]], skipped: int) -> list[tuple[Any, ...]]:
    if not data.startswith(b"PAR1"):
        rows_of_csv: list[tuple[Any, ...]] = parsed(data, fields, skipped)
        return rows_of_csv
    rows: list[dict[str, Any]] = pyarrow.parquet.read_table(BytesIO(data)).to_pylist()
    return [tuple(row.values()) for row in rows]


def check_fields(body: dict[str, Any], allowed: tuple[str, ...], what: str) -> None:
    """Accept an expiration time of a table; it is later than the end of any test."""
    checked(body, (*allowed, "expirationTime"), what)


named, types.type_name = types.type_name, type_name
encoded, json._encodable = json._encodable, encodable
planned, statements._plan = statements._plan, plan
loaded, jobs.Runner._load = jobs.Runner._load, load
parsed, jobs.load.parse_csv = jobs.load.parse_csv, parse
checked, app._check_fields = app._check_fields, check_fields
transforms.PIPELINE = (
    *(
        (add.__name__, add)
        for add in (json_keys, json_members, divisions, fingerprints, parse_json)
    ),
    *transforms.PIPELINE,
)


if __name__ == "__main__":
    uvicorn.run(
        create_app("bigquery", Engine()), host="127.0.0.1", port=int(sys.argv[1]), access_log=False
    )
