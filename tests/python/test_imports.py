"""The layout of the Python code: who may import whom, and how deep it goes."""

import ast
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("loaders", "sandbox")
FLOORS = 8
# A room imports only from rooms that stand before it.
ROOMS = (
    "loaders.errors",
    "loaders.settings",
    "loaders.printing",
    "loaders.maintainx",
    "loaders.warehouse",
    "loaders.dbt",
    "loaders.extract",
    "loaders.export",
    "loaders.commands",
    "loaders.__main__",
)


def modules() -> dict[str, Path]:
    return {
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
        for package in PACKAGES
        for path in sorted((ROOT / package).rglob("*.py"))
    }


def imports() -> dict[str, set[str]]:
    """Module -> modules of the project that it imports, inside functions too."""
    found = modules()
    arrows: dict[str, set[str]] = {}
    for name, path in found.items():
        named: set[str] = set()
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                named |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                inner = {f"{node.module}.{alias.name}" for alias in node.names}
                named |= inner & set(found) or {node.module}
        arrows[name] = named & set(found) - {name}
    return arrows


def room(module: str) -> str:
    return ".".join(module.split(".")[:2])


def test_no_module_imports_itself_by_way_of_others() -> None:
    arrows = imports()
    done: set[str] = set()

    def visit(module: str, path: tuple[str, ...]) -> None:
        assert module not in path, " -> ".join((*path, module))
        if module not in done:
            for other in sorted(arrows[module]):
                visit(other, (*path, module))
            done.add(module)

    for module in arrows:
        visit(module, ())


def test_imports_are_at_most_eight_floors_high() -> None:
    arrows = imports()

    @cache
    def floor(module: str) -> int:
        return 1 + max((floor(other) for other in arrows[module]), default=0)

    floors = {module: floor(module) for module in arrows}
    assert max(floors.values()) <= FLOORS, sorted(floors.items(), key=lambda item: -item[1])[:10]


def test_no_room_imports_from_a_room_above_it() -> None:
    rank = {name: number for number, name in enumerate(ROOMS)}
    upwards = [
        f"{module} imports {other}"
        for module, others in imports().items()
        for other in sorted(others)
        if room(module) in rank and room(other) in rank and rank[room(module)] < rank[room(other)]
    ]
    assert upwards == []


def test_the_sandbox_imports_nothing_of_the_loaders() -> None:
    arrows = imports()
    found = [
        f"{module} imports {other}"
        for module in arrows
        if module.startswith("sandbox")
        for other in arrows[module]
        if not other.startswith("sandbox")
    ]
    assert found == []


def test_maintainx_knows_no_duckdb_and_the_warehouse_no_http() -> None:
    barred = {"maintainx": "duckdb", "warehouse": "httpx"}
    found = [
        f"{path.relative_to(ROOT)} imports {name}"
        for package, name in barred.items()
        for path in sorted((ROOT / "loaders" / package).rglob("*.py"))
        if f"import {name}" in path.read_text() or f"from {name}" in path.read_text()
    ]
    assert found == []
