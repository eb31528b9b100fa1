"""From the rows of a chart to its figures, for the report: what figures.js does for the page.

All organizations, sites and teams; the period is an argument. A ratio is divided after its parts
are summed.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from loaders.export.charts import Chart

OTHERS = "|"

Row = dict[str, Any]


def drawn(chart: Chart, months: tuple[str, str]) -> list[Row]:
    """The rows of the chart's drawing."""
    rows = _chosen(chart, months)
    if "list" in chart.spec:
        return _ranked(rows, chart.spec["list"]["sort"])
    group: Sequence[str] = chart.spec["group"]
    if "top" not in chart.spec:
        return _grouped(chart.spec, rows, group)
    key, top = group[0], chart.spec["top"]
    members = [
        one
        for one in _grouped(chart.spec, rows, [key])
        if one[key] != OTHERS and (one[top["by"]] or 0) > 0
    ]
    members.sort(key=lambda one: (-one[top["by"]], one[key]))
    places = {one[key]: place for place, one in enumerate(members[: top["keep"]], 1)}
    kept = [{**row, key: row[key] if row[key] in places else OTHERS} for row in rows]
    return [
        {
            **one,
            "place": places.get(one[key], len(places) + 1),
            "is_others": one[key] == OTHERS,
            f"{key}_name": top["others"] if one[key] == OTHERS else one[key].partition("|")[2],
        }
        for one in _grouped(chart.spec, kept, group)
    ]


def totals(chart: Chart, months: tuple[str, str], by: str | None = None) -> list[Row]:
    """The figures of the whole period, by a column if there is one; of a stock, the last ones."""
    rows = _chosen(chart, months)
    if chart.spec.get("stock"):
        time = chart.spec["time"]
        last = max((row[time] for row in rows), default=None)
        rows = [row for row in rows if row[time] == last]
    if by:
        return sorted(_grouped(chart.spec, rows, [by]), key=lambda one: str(one[by]))
    return [_summed(chart.spec, rows)]


def _chosen(chart: Chart, months: tuple[str, str]) -> list[Row]:
    names = list(chart.table)
    columns = chart.table.values()
    rows = [dict(zip(names, values, strict=True)) for values in zip(*columns, strict=True)]
    time = chart.spec.get("time")
    return [
        row
        for row in rows
        if row.get("team_id") is None and (not time or months[0] <= row[time][:7] <= months[1])
    ]


def _ranked(rows: list[Row], sort: str) -> list[Row]:
    ranked = sorted(rows, key=lambda row: (row[sort] is None, -(row[sort] or 0)))
    return [
        {**row, "place": place, "asset_name": row.get("asset", "").partition("|")[2]}
        for place, row in enumerate(ranked, 1)
    ]


def _grouped(spec: Mapping[str, Any], rows: Iterable[Row], group: Sequence[str]) -> list[Row]:
    groups: dict[tuple[Any, ...], list[Row]] = {}
    for row in rows:
        groups.setdefault(tuple(row[name] for name in group), []).append(row)
    return [
        {**dict(zip(group, key, strict=True)), **_summed(spec, members)}
        for key, members in groups.items()
    ]


def _summed(spec: Mapping[str, Any], rows: Sequence[Row]) -> Row:
    result: Row = {}
    for name in spec["sum"]:
        known = [row[name] for row in rows if row[name] is not None]
        result[name] = sum(known) if known or not rows else None
    for name, (whole, part) in spec.get("differences", {}).items():
        both = result[whole] is not None and result[part] is not None
        result[name] = result[whole] - result[part] if both else None
    for name, quotient in spec.get("quotients", {}).items():
        numerator, denominator = (result[quotient[part]] for part in ("numerator", "denominator"))
        result[name] = numerator / denominator if numerator is not None and denominator else None
    return result
