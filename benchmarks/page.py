"""The page of the documentation that shows what was measured, `docs/performance.md`."""

import json
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "performance.md"


def show(name: str, results: dict[str, Any], table: str) -> None:
    """Keep the results as `benchmarks/results/<name>.json`, and replace their table on the page,
    which stands between two comments with the name."""
    path = ROOT / "benchmarks" / "results" / f"{name}.json"
    path.write_text(json.dumps(results, indent=1) + "\n")
    begin, end = f"<!-- begin {name} -->\n", f"<!-- end {name} -->\n"
    before, rest = PAGE.read_text().split(begin)
    PAGE.write_text(before + begin + table + end + rest.split(end)[1])
