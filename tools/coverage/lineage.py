"""Which fields of the raw records each column of a model is calculated from.

The compiled SQL is followed from the models back to the payloads. A join, a filter or an order is
not followed: a column is calculated from what its own expression names.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlglot import exp, parse_one

Origin = tuple[str, str]
Origins = frozenset[Origin]
Columns = dict[str, Origins]
NOTHING: Origins = frozenset()
LOG = {
    "payload": "",
    "id": "id",
    "organization_id": "organizationId",
    "source_updated_at": "updatedAt",
}
# The id of an organization is its own.
SPECIAL = {"organizations": {"organization_id": "id"}}


@dataclass(frozen=True)
class Column:
    """A column of a model. layer: the model's folder. origins: raw tables and paths, which are in
    the letters of the SQL: compare them without case."""

    layer: str
    model: str
    name: str
    origins: Origins


def columns_of_models(manifest: Path) -> list[Column]:
    """The columns of a project that dbt has compiled; a model comes after those that it reads."""
    nodes = json.loads(manifest.read_text())
    relations: dict[str, Columns] = {
        source["relation_name"]: {
            column: frozenset({(source["name"], path)})
            for column, path in (LOG | SPECIAL.get(source["name"], {})).items()
        }
        for source in nodes["sources"].values()
        if not source["name"].startswith("_")
    }
    models = {
        key: node
        for key, node in nodes["nodes"].items()
        if key.startswith("model.") and node.get("compiled_code")
    }
    found: list[Column] = []

    def visit(key: str) -> None:
        node = models[key]
        if node["relation_name"] in relations:
            return
        for parent in node["depends_on"]["nodes"]:
            if parent in models:
                visit(parent)
        query = parse_one(node["compiled_code"], dialect="duckdb")
        columns = relations[node["relation_name"]] = _Query(relations).columns(query, {})
        found.extend(
            Column(node["fqn"][1], node["name"], name, origins) for name, origins in columns.items()
        )

    for key in models:
        visit(key)
    return found


def _extended(origins: Origins, step: str) -> Origins:
    return frozenset(
        (table, f"{path}.{step}" if path and step != "[]" else path + step)
        for table, path in origins
    )


class _Query:
    """One statement. relations: columns of models and sources, by their quoted names."""

    def __init__(self, relations: Mapping[str, Columns]) -> None:
        self.relations = relations

    def columns(self, query: exp.Expr, known: Mapping[str, Columns]) -> Columns:
        """The columns of a query. known: the common table expressions that it can name."""
        known = dict(known)
        for step in query.args["with_"].expressions if query.args.get("with_") else ():
            known[step.alias.lower()] = self.columns(step.this, known)
        if isinstance(query, exp.Subquery):
            return self.columns(query.this, known)
        if isinstance(query, exp.SetOperation):
            left, right = self.columns(query.left, known), self.columns(query.right, known)
            pairs = zip(left.items(), right.values(), strict=False)
            return {name: first | second for (name, first), second in pairs}
        assert isinstance(query, exp.Select), type(query)
        sources = self._sources(query, known)
        result: Columns = {}
        for item in query.expressions:
            if item.is_star:
                table = item.table.lower() if isinstance(item, exp.Column) else ""
                for name, source in sources.items():
                    if not table or name == table:
                        result |= source
            else:
                name = item.alias_or_name.lower()
                place = name if name and name not in result else f"column {len(result)}"
                result[place] = self._origins(item, sources, known)
        return result

    def _sources(self, query: exp.Select, known: Mapping[str, Columns]) -> dict[str, Columns]:
        sources: dict[str, Columns] = {}
        joins = [join.this for join in query.args.get("joins") or ()]
        start = query.args.get("from_")
        for place in [*([start.this] if start else []), *joins]:
            name = place.alias_or_name.lower()
            if isinstance(place, exp.Table):
                shown = place.copy()
                shown.set("alias", None)
                sources[name] = (
                    known.get(place.name.lower(), {})
                    if not place.db
                    else self.relations.get(shown.sql("duckdb"), {})
                )
            elif isinstance(place, exp.Unnest):
                element = place.args["alias"].columns[0].name.lower()
                origins = self._origins(place.expressions[0], sources, known)
                sources[name] = {element: _extended(origins, "[]")}
            elif isinstance(place, exp.Subquery):
                sources[name] = self.columns(place.this, known)
        return sources

    def _origins(
        self, part: Any, sources: Mapping[str, Columns], known: Mapping[str, Columns]
    ) -> Origins:
        def inner(part: Any) -> Origins:
            return self._origins(part, sources, known)

        if isinstance(part, exp.Column):
            return _named([name.name for name in part.parts], sources)
        if isinstance(part, exp.Dot | exp.StructExtract | exp.Explode):
            step = "[]" if isinstance(part, exp.Explode) else part.expression.name
            return _extended(inner(part.this), step)
        if isinstance(part, exp.Window):
            return inner(part.this)
        if isinstance(part, exp.Anonymous) and part.name == "generate_subscripts":
            return NOTHING
        if isinstance(part, exp.Select | exp.SetOperation):
            return NOTHING.union(*self.columns(part, known).values())
        return NOTHING.union(*(inner(each) for each in part.iter_expressions()))


def _named(names: list[str], sources: Mapping[str, Columns]) -> Origins:
    """The origins of `table.column`, `table.column.field`, `column` or `column.field`."""
    first, *rest = names
    if first.lower() in sources and rest:
        first, *rest = rest
        places = [sources[names[0].lower()]]
    else:
        places = list(sources.values())
    origins = next((place[first.lower()] for place in places if first.lower() in place), NOTHING)
    for name in rest:
        origins = _extended(origins, name)
    return origins
