"""The report: headline figures and the charts marked `report`, on one page, as PNG or PDF.

vl-convert-python draws it without a browser. It shows the last twelve months of all organizations.
"""

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from html import escape
from pathlib import Path
from types import ModuleType
from typing import Any

from loaders.export.charts import Chart
from loaders.export.dashboard import PAGE, Plant, read_plant, vl_convert, write
from loaders.export.figures import Row, drawn, totals
from loaders.yaml_files import read_yaml

# A4, upright, at 150 points per inch.
WIDTH, HEIGHT = 1240, 1754
MARGIN, GAP = 56, 20
ACROSS, CARD, TOP = 3, 96, 168
BARS = 8
MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
WHOLE = {"integer", "money", "late"}
REFERENCE = re.compile(r'(\bid="|url\(#|href="#)')


@dataclass(frozen=True)
class Box:
    """A place on the sheet."""

    x: float
    y: float
    width: float
    height: float


def write_report(warehouse: Path, kind: str) -> Path:
    """Write report.png or report.pdf beside the warehouse; gives its path.

    Raises what write_dashboard raises.
    """
    converter = vl_convert()
    svg = _page(read_plant(warehouse, with_names=False), converter)
    target = warehouse.with_name(f"report.{kind}")
    write(target, converter.svg_to_pdf(svg) if kind == "pdf" else converter.svg_to_png(svg))
    return target


def _page(plant: Plant, converter: ModuleType) -> str:
    palette: dict[str, str] = read_yaml(PAGE / "theme.yml")["light"]
    config = _coloured(read_yaml(PAGE / "config.yml"), palette)
    months = _last_year(plant)
    names = " · ".join(one["organization_name"] or "No name" for one in plant.organizations)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="{palette["paper"]}"/>',
        _text("Maintenance", (MARGIN, 84), 34, palette["ink"], bold=True),
        _text(names, (MARGIN, 114), 18, palette["quiet"]),
        _text(_scope(plant, months), (MARGIN, 138), 15, palette["quiet"]),
    ]
    headlines = [(chart, one) for chart in plant.charts for one in chart.spec.get("headlines", ())]
    width = (WIDTH - 2 * MARGIN - (ACROSS - 1) * GAP) / ACROSS
    for place, (chart, headline) in enumerate(headlines):
        box = _box(place, ACROSS, TOP, width, CARD)
        parts += _card(chart, headline, months, box, palette)
    top = TOP + -(-len(headlines) // ACROSS) * (CARD + GAP) + 14
    charts = [chart for chart in plant.charts if chart.spec.get("report")]
    width = (WIDTH - 2 * MARGIN - GAP) / 2
    height = (HEIGHT - top - MARGIN) / -(-len(charts) // 2) - GAP
    for place, chart in enumerate(charts):
        box = _box(place, 2, top, width, height)
        title = (box.x, box.y + 14)
        parts.append(_text(chart.spec["title"], title, 16, palette["ink"], bold=True))
        if rows := drawn(chart, months):
            below = Box(box.x, box.y + 24, width, height - 28)
            spec = _sized(_coloured(chart.spec["vega"], palette), rows, below)
            svg = converter.vegalite_to_svg(spec, config=config, allowed_base_urls=[])
            parts.append(_nested(svg, place, below))
        else:
            parts.append(_text(chart.spec["empty"], (box.x, box.y + 44), 13, palette["quiet"]))
    return "".join([*parts, "</svg>"])


def _box(place: int, across: int, top: float, width: float, height: float) -> Box:
    row, column = divmod(place, across)
    return Box(MARGIN + column * (width + GAP), top + row * (height + GAP), width, height)


def _card(
    chart: Chart,
    headline: dict[str, Any],
    months: tuple[str, str],
    box: Box,
    palette: dict[str, str],
) -> list[str]:
    found = totals(chart, months, headline.get("by"))
    values = [
        f"{formatted(chart, headline['value'], one)} {one.get(headline.get('by', ''), '')}".strip()
        for one in found
    ]
    also = " · ".join(
        f"{chart.spec['columns'][name]['label']} {formatted(chart, name, found[0])}"
        for name in headline.get("also", ())
        if len(found) == 1
    )
    value = " · ".join(values) or "not known"
    title = f"{headline['label']} {headline.get('unit', '')}".strip()
    x, y = box.x + 16, box.y
    return [
        f'<rect x="{box.x}" y="{y}" width="{box.width}" height="{box.height}" rx="8" fill="none"'
        f' stroke="{palette["line"]}"/>',
        _text(title, (x, y + 26), 14, palette["quiet"]),
        _text(value, (x, y + 60), 28 if len(value) < 20 else 19, palette["ink"], bold=True),
        _text(also, (x, y + 82), 13, palette["quiet"]),
    ]


def formatted(chart: Chart, name: str, row: Row) -> str:
    """A figure as the page shows it."""
    if row[name] is None:
        return "not known"
    kind = chart.spec["columns"][name].get("format")
    value = Decimal(repr(row[name])) * (100 if kind == "percent" else 1)
    # Browsers round halves up; Python's own formats round them to the even digit.
    step = Decimal(1) if kind in WHOLE else Decimal("0.1")
    text = f"{value.quantize(step, ROUND_HALF_UP):,}"
    return f"{text}%" if kind == "percent" else text


def _sized(spec: dict[str, Any], rows: list[Row], box: Box) -> dict[str, Any]:
    if "spec" in spec:
        facets = len({row[spec["facet"]["row"]["field"]] for row in rows})
        size = {"width": box.width - 60, "height": box.height / facets - 62}
        sized = {**spec, "spec": {**spec["spec"], **size}}
    else:
        if isinstance(spec.get("height"), dict):  # One bar for each row.
            rows = [row for row in rows if row["place"] <= BARS]
        fit = {"type": "fit", "contains": "padding"}
        sized = {**spec, "width": box.width, "height": box.height, "autosize": fit}
    return {**sized, "data": {"name": "rows"}, "datasets": {"rows": rows}}


def _nested(svg: str, place: int, box: Box) -> str:
    """A drawing at its place; its ids are made its own."""
    own = REFERENCE.sub(rf"\g<1>chart{place}-", svg[svg.index("<svg") :])
    head, _, rest = own.partition(">")
    head = re.sub(r' (width|height)="[^"]*"', "", head)
    return (
        f'{head} x="{box.x}" y="{box.y}" width="{box.width}" height="{box.height}"'
        f' preserveAspectRatio="xMinYMin meet">{rest}'
    )


def _text(text: str, at: tuple[float, float], size: int, colour: str, bold: bool = False) -> str:
    weight = ' font-weight="bold"' if bold else ""
    return (
        f'<text x="{at[0]}" y="{at[1]}" font-family="sans-serif" font-size="{size}"'
        f' fill="{colour}"{weight}>{escape(text)}</text>'
    )


def _coloured(value: Any, palette: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {name: _coloured(one, palette) for name, one in value.items()}
    if isinstance(value, list):
        return [_coloured(one, palette) for one in value]
    return palette[value[1:]] if isinstance(value, str) and value.startswith("$") else value


def _last_year(plant: Plant) -> tuple[str, str]:
    """The first and the last of twelve months, as the page shows them when it opens."""
    if not plant.last_month:
        return "", ""
    year, month = map(int, plant.last_month.split("-"))
    first = year * 12 + month - 12
    return f"{first // 12}-{first % 12 + 1:02}", plant.last_month


def _scope(plant: Plant, months: tuple[str, str]) -> str:
    if not plant.last_month or not plant.as_of_at:
        return "No data"
    named = [f"{MONTHS[int(month[5:]) - 1]} {month[:4]}" for month in months]
    return f"{named[0]} to {named[1]} · data as of {plant.as_of_at.replace('T', ' ')} UTC"
