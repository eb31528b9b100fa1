"""A check for dbt-bouncer. The built-in ones know some kinds of resources each."""

from collections.abc import Iterator
from typing import Any

from dbt_bouncer.check_framework.decorator import check, fail  # type: ignore[import-untyped]

ENGINES = ("duckdb__", "bigquery__")


@check  # type: ignore[untyped-decorator]
def check_everything_is_described(ctx: Any) -> None:
    """Fail if anything that the project declares has no description: a model, column, seed,
    source, test, unit test, analysis, exposure, group, metric, macro, argument of a macro, semantic
    model, entity, dimension or measure.

    Exempt: implementations of a dispatched macro for one engine, such as `duckdb__x` of `x`."""
    manifest = ctx.manifest_obj.manifest
    blank = sorted(
        {name for name, thing in _declared(manifest) if not (thing.description or "").strip()}
    )
    if blank:
        fail(f"without a description: {', '.join(blank)}")


def _declared(manifest: Any) -> Iterator[tuple[str, Any]]:
    project = manifest.metadata.project_name
    nodes = [node for node in manifest.nodes.values() if str(node.resource_type) != "operation"]
    for kind in ("sources", "exposures", "groups", "metrics", "semantic_models", "unit_tests"):
        nodes += getattr(manifest, kind).values()
    nodes += [
        macro
        for macro in manifest.macros.values()
        if macro.package_name == project and not macro.name.startswith(ENGINES)
    ]
    for node in nodes:
        yield node.unique_id, node
        columns = getattr(node, "columns", None) or {}
        parts = [*columns.values(), *(getattr(node, "arguments", None) or ())]
        for kind in ("entities", "dimensions", "measures"):
            parts += getattr(node, kind, None) or ()
        for part in parts:
            yield f"{node.unique_id}.{part.name}", part
