"""Diagrams of the models, drawn from dbt's manifest (`make diagrams`).

`docs/images/entities.svg` shows the core marts and the references that tests check;
`docs/images/lineage.svg` shows which folder of models reads which. The first page of the docs site
holds the entities inside, because the site is one file.
"""

import base64
import json
from collections import defaultdict
from html import escape
from typing import Any

import networkx  # type: ignore[import-untyped]

from loaders.settings import PROJECT

IMAGES = PROJECT / "docs" / "images"
OVERVIEW = PROJECT / "models" / "overview.md"
EMBEDDED = "![Entities](data:image/svg+xml;base64,"
MANIFEST = PROJECT / "target" / "manifest.json"

FONT = "12px system-ui, sans-serif"
STYLE = (
    "path{fill:none;stroke:#8a8f98}text{fill:#1c1e21;text-anchor:middle}"
    ".name{text-anchor:start}.keys{text-anchor:end;font-size:10.5px}.keys,.what{fill:#5b6068}"
)
ROW = 26
BOX = 20
# Fill by the first word of a name; others are grey.
FILLS = {"fct": "#d6e6f7", "bridge": "#f9e6c8", "dim": "#d9efdc", "mart": "#eadcf3"}
PLAIN = "#ececec"
# Every mart refers to these two.
EVERYWHERE = ("dim_organizations", "dim_dates")

# Name in the picture -> folder of models, or a kind or name of nodes; column, row, what is in it.
LAYERS = {
    "MaintainX API": ("", 0, 0.5, "JSON"),
    "raw log": ("source.maintainx", 1, 0.5, "every version"),
    "seeds": ("seed", 1, 2, "mappings"),
    "staging": ("staging/", 2, 0.5, "stg_"),
    "intermediate": ("intermediate/", 3, 0.5, "int_"),
    "core marts": ("marts/core/", 4, 0.5, "dim_ fct_ bridge_"),
    "maintenance": ("marts/maintenance/", 5, 1, "mart_"),
    "reliability": ("marts/reliability/", 5, 0, "fct_ mart_"),
    "inventory": ("marts/inventory/", 5, 2, "mart_"),
    "results of builds": ("source.history", 4, 3.2, "models and tests"),
    "quality": ("quality/", 5, 3.2, "findings"),
    "quality by day": ("marts/quality/", 6, 2.6, "mart_"),
    "dashboard": ("dashboard", 7, 0.5, "one HTML file"),
    "exports": ("exports", 7, 1.5, "BI, Excel, BigQuery"),
    "make trust": ("trust", 7, 3.2, "one page"),
}
OUTSIDE = ("MaintainX API", "dashboard", "exports", "make trust")


class Drawing:
    """An SVG of boxes and the lines between them."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._boxes: list[str] = []

    def box(self, x: float, y: float, size: tuple[float, float], fill: str) -> None:
        width, height = size
        place = f'x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}"'
        self._boxes.append(f'<rect {place} rx="4" fill="{fill}"/>')

    def text(self, x: float, y: float, text: str, kind: str = "") -> None:
        mark = f' class="{kind}"' if kind else ""
        self._boxes.append(f'<text x="{x:g}" y="{y:g}"{mark}>{escape(text)}</text>')

    def line(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        (x, y), (to_x, to_y) = start, end
        middle = (x + to_x) / 2
        curve = f"{middle:g} {y:g} {middle:g} {to_y:g} {to_x:g} {to_y:g}"
        self._lines.append(f'<path d="M{x:g} {y:g}C{curve}"/>')

    def svg(self, width: float, height: float) -> str:
        head = (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:g}" height="{height:g}"'
            f' viewBox="0 0 {width:g} {height:g}" style="font:{FONT}"><style>{STYLE}</style>'
        )
        ground = f'<rect width="{width:g}" height="{height:g}" fill="#fff"/>'
        return "\n".join([head, ground, *self._lines, *self._boxes, "</svg>", ""])


def fill(mart: str) -> str:
    return FILLS.get(mart.split("_", maxsplit=1)[0], PLAIN)


def references(manifest: dict[str, Any]) -> dict[tuple[str, str], list[str]]:
    """(mart, mart it refers to) -> the columns, of the core marts, by the tests of references."""
    nodes = manifest["nodes"]
    core = {
        name: node["name"]
        for name, node in nodes.items()
        if node["resource_type"] == "model" and node["path"].startswith("marts/core/")
    }
    found = defaultdict(list)
    for node in nodes.values():
        test = (node.get("test_metadata") or {}).get("name")
        child = node.get("attached_node")
        if test not in ("reference_exists", "relationships") or child not in core:
            continue
        (parent,) = set(node["depends_on"]["nodes"]) - {child} or {child}
        if core.get(parent) and core[parent] not in EVERYWHERE:
            found[core[child], core[parent]].append(node["column_name"])
    return {pair: sorted(columns) for pair, columns in sorted(found.items())}


def entities(manifest: dict[str, Any]) -> str:
    """A star for each mart that others refer to: who refers to it, and what it refers to."""
    arrows = references(manifest)
    drawing = Drawing()
    hubs = sorted({parent for _, parent in arrows}, key=lambda hub: (_order(hub, arrows), hub))
    top = 10.0
    for hub in hubs:
        left = [pair for pair in arrows if pair[1] == hub]
        right = [parent for child, parent in arrows if child == hub and parent != hub]
        height = max(len(left), len(right)) * ROW
        centre = top + height / 2
        for place, pair in enumerate(left):
            y = centre + (place - len(left) / 2) * ROW + 3
            drawing.box(10, y, (640, BOX), fill(pair[0]))
            drawing.text(18, y + 14, pair[0], "name")
            drawing.text(642, y + 14, ", ".join(arrows[pair]), "keys")
            drawing.line((650, y + BOX / 2), (730, centre))
        for place, parent in enumerate(right):
            y = centre + (place - len(right) / 2) * ROW + 3
            drawing.box(950, y, (150, BOX), fill(parent))
            drawing.text(1025, y + 14, parent)
            drawing.line((890, centre), (950, y + BOX / 2))
        drawing.box(730, centre - BOX / 2, (160, BOX), fill(hub))
        drawing.text(810, centre + 4, hub)
        top += height + 18
    return drawing.svg(1110, top)


def _order(hub: str, arrows: dict[tuple[str, str], list[str]]) -> tuple[bool, int]:
    """Work orders first, then the marts with most references."""
    return hub != "fct_work_orders", -sum(parent == hub for _, parent in arrows)


def lineage(manifest: dict[str, Any]) -> str:
    """The folders of models, and which reads which. A line that follows from others is left out."""
    place: dict[str, str] = {}
    for name, node in (*manifest["nodes"].items(), *manifest["exposures"].items()):
        path = node["path"] if node["resource_type"] == "model" else ""
        for layer, (where, *_) in LAYERS.items():
            if where and (path.startswith(where) or where in (node["resource_type"], node["name"])):
                place[name] = layer
    for name, source in manifest["sources"].items():
        history = source["source_name"] == "history"
        place[name] = "results of builds" if history else "raw log"
    arrows = {("MaintainX API", "raw log")} | {
        (place[parent], place[child])
        for child, parents in manifest["parent_map"].items()
        for parent in parents
        if child in place and parent in place and place[parent] != place[child]
    }
    drawing = Drawing()
    boxes = {layer: (10 + 148 * x, 12 + 56 * y) for layer, (_, x, y, _) in LAYERS.items()}
    for start, end in sorted(networkx.transitive_reduction(networkx.DiGraph(sorted(arrows))).edges):
        (x, y), (to_x, to_y) = boxes[start], boxes[end]
        if x == to_x:
            drawing.line((x + 60, y), (to_x + 60, to_y + 40))
        else:
            drawing.line((x + 120, y + 20), (to_x, to_y + 20))
    for layer, (x, y) in boxes.items():
        drawing.box(x, y, (120, 40), FILLS["dim" if layer in OUTSIDE else "fct"])
        drawing.text(x + 60, y + 17, layer)
        drawing.text(x + 60, y + 32, LAYERS[layer][3], "what")
    return drawing.svg(1176, 244)


def embedded(overview: str, picture: str) -> str:
    """The first page of the docs site with the picture inside."""
    code = base64.b64encode(picture.encode()).decode()
    lines = [
        f"{EMBEDDED}{code})" if line.startswith(EMBEDDED) else line for line in overview.split("\n")
    ]
    return "\n".join(lines)


def main() -> None:
    manifest = json.loads(MANIFEST.read_text())
    picture = entities(manifest)
    for path, text in {
        IMAGES / "entities.svg": picture,
        IMAGES / "lineage.svg": lineage(manifest),
        OVERVIEW: embedded(OVERVIEW.read_text(), picture),
    }.items():
        path.write_text(text)
        print(f"{path.relative_to(PROJECT)}: {len(text) / 1e3:.0f} kB")


if __name__ == "__main__":
    main()
