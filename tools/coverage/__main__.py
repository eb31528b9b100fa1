"""`make coverage`: write docs/coverage.md; fail if a field is in no mart and no reason says why.

dbt has compiled the models into target/ before.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

import click

from tools.coverage.description import fields
from tools.coverage.lineage import columns_of_models
from tools.coverage.table import COPY, Row, mistakes, read_reasons, rows

ROOT = Path(__file__).resolve().parents[2]
DESCRIPTION = ROOT.parent / "shared" / "maintainx-api" / "openapi-get.json"
PAGE = ROOT / "docs" / "coverage.md"
HEAD = """# API coverage

Each field of MaintainX's published API description, and where it is: the table of the raw log that
holds it, the column that gives it a type, the mart column that is calculated from it, or the reason
why there is none. `make coverage` writes this page from the description, the catalogue of lists and
the SQL of the models; the reasons are in `tools/coverage/reasons.csv`.

`make coverage` fails if a field is in no mart and has no reason, and if a reason is no longer true.
So a field that MaintainX adds to its description shows up. `quality.dq_schema_drift` shows fields
that appear in the data.

## Totals
"""
LIST_HEAD = "| field | raw | typed column | mart column, or why not |\n|---|---|---|---|"


def totals(table: list[Row]) -> dict[str, int]:
    """Fields by layer; one that repeats another field is counted as a copy only."""
    own = [row for row in table if not row.is_copy]
    read = [row for row in own if row.field.tables]
    return {
        "described": len(own),
        "in raw": len(read),
        "typed": sum(bool(row.typed) for row in read),
        "in a mart": sum(not row.missing for row in read),
        "copies": len(table) - len(own),
    }


def percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %" if whole else "-"


def summary(table: list[Row]) -> str:
    count = totals(table)
    layers = ", ".join(
        f"{name} {count[name]} ({percent(count[name], count['in raw'])} of those in raw)"
        for name in ("typed", "in a mart")
    )
    raw = f"in raw {count['in raw']} ({percent(count['in raw'], count['described'])})"
    return f"{count['described']} fields: {raw}, {layers}; {count['copies']} more are copies"


def cell(row: Row) -> str:
    """The mart column, or why there is none."""
    if not row.missing:
        return f"`{row.mart}`"
    return row.reason.reason if row.reason else "**no reason**"


def page(table: list[Row]) -> Iterator[str]:
    yield HEAD
    yield summary(table) + " of a field that another list has, see the end of this page."
    own = [row for row in table if not row.is_copy]
    for address in dict.fromkeys(row.field.address for row in own):
        yield f"\n## `{address}`\n\n{LIST_HEAD}"
        for row in own:
            if row.field.address == address:
                tables = row.field.tables[0] if row.field.tables else ""
                typed = f"`{row.typed}`" if row.typed else ""
                yield f"| `{row.field.path}` | {tables} | {typed} | {cell(row)} |"
    yield "\n## Copies\n\n| list | field | repeats |\n|---|---|---|"
    for reason in dict.fromkeys(row.reason for row in table if row.is_copy):
        if reason:
            original = reason.missing.removeprefix(COPY)
            yield f"| `{reason.address}` | `{reason.field or '(all)'}` | `{original}` |"


def compared(description: Path, manifest: Path) -> tuple[list[Row], list[str]]:
    """The table, and what is wrong with it."""
    reasons = read_reasons()
    table = rows(fields(description), columns_of_models(manifest), reasons)
    return table, mistakes(table, reasons)


@click.command()
@click.argument("description", type=click.Path(exists=True, path_type=Path), default=DESCRIPTION)
def command(description: Path) -> None:
    """Write docs/coverage.md. DESCRIPTION is the published OpenAPI description, as JSON."""
    table, found = compared(description, ROOT / "target" / "manifest.json")
    PAGE.write_text("\n".join(page(table)) + "\n")
    print(*found, summary(table), sep="\n")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    command()
