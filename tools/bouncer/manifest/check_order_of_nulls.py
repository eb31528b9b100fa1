"""Checks for dbt-bouncer: an ascending order of a column that can be null says `nulls last`.

DuckDB sorts nulls last, BigQuery sorts them first. A descending order has them last on both.
BigQuery refuses `nulls last` in an aggregate, and in a sum over a window without `rows between`:
order by a column that is never null there.
"""

import re
from collections.abc import Iterator
from typing import Any

from dbt_bouncer.check_framework.decorator import check, fail  # type: ignore[import-untyped]

# Columns and expressions that are never null where a window or an aggregate is ordered by them.
NEVER_NULL = re.compile(
    r"""
    (\w+\.)? (
        _?extracted_at | valid_from | happened_at | started_at | observed_at | from_on
        | (\w+_)?(position|offset|number) | rank | step | moment | work_type | reason
        | is_deleted | is_thumbnail
        | (month|week)_start_on | date_day
        | (asset|asset_status|category|comment|former|location|meter|purchase_order|reading|user)_id
    )
    | case\ .*\ end
    | area | lead_hours
    | \{\{\ position\ \}\}
    | to_json_string\(element\)
    """,
    re.VERBOSE,
)
# What follows the last term.
FRAME = re.compile(r"\b(rows|range) (between|unbounded)\b.*|\blimit \d+$")


def terms(sql: str) -> Iterator[str]:
    """The terms of each `order by` in brackets."""
    for found in re.finditer(r"(?<!ignore nulls )\border by\s", sql):
        depth, term = 0, ""
        for character in sql[found.end() :]:
            depth += {"(": 1, ")": -1}.get(character, 0)
            if depth < 0 or (depth == 0 and character == ","):
                yield FRAME.sub("", " ".join(term.split())).strip()
                term = ""
                if depth < 0:
                    break
            else:
                term += character


def unordered(sql: str) -> list[str]:
    """Terms in which the engines may put nulls at different ends."""
    return [
        term
        for term in terms(sql)
        if not term.endswith((" desc", " nulls last"))
        and not NEVER_NULL.fullmatch(term.removesuffix(" asc"))
    ]


def tell(name: str, sql: str) -> None:
    if found := unordered(sql):
        fail(
            f"{name} orders by {', '.join(found)}: add `nulls last`, or add a column that is never"
            " null to NEVER_NULL in tools/bouncer/manifest/check_order_of_nulls.py"
        )


@check  # type: ignore[untyped-decorator]
def check_model_order_of_nulls(model: Any) -> None:
    """Fail for an ascending order that may differ between the engines."""
    tell(model.name, model.raw_code)


@check  # type: ignore[untyped-decorator]
def check_macro_order_of_nulls(macro: Any) -> None:
    """Fail for an ascending order that may differ between the engines."""
    tell(macro.name, macro.macro_sql)
