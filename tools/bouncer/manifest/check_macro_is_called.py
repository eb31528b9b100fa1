"""A check for dbt-bouncer. The built-in check reports every `bigquery__` macro as unused, because
the manifest is compiled for DuckDB."""

from typing import Any

from dbt_bouncer.check_framework.decorator import check, fail  # type: ignore[import-untyped]


@check  # type: ignore[untyped-decorator]
def check_macro_is_called(macro: Any, ctx: Any) -> None:
    """Fail for a macro that no node calls. Exempt: overrides of a dbt macro, and implementations
    of a dispatched macro, such as `duckdb__x` of `x`."""
    manifest = ctx.manifest_obj.manifest
    nodes = (*manifest.nodes.values(), *manifest.macros.values(), *manifest.unit_tests.values())
    called = {call for node in nodes if node.depends_on for call in node.depends_on.macros or ()}
    dispatcher = macro.name.split("__", 1)[-1]
    others = {other.name for key, other in manifest.macros.items() if key != macro.unique_id}
    if macro.unique_id not in called and dispatcher not in others:
        fail(f"nothing calls macro {macro.name}: remove it")
