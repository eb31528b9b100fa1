"""The page of the documentation that shows what was measured, `docs/performance.md`."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "performance.md"


def results_file(name: str) -> Path:
    """Where the results of a benchmark are kept."""
    return ROOT / "benchmarks" / "results" / f"{name}.json"


def show(name: str, text: str, results: Mapping[str, Any] | None = None) -> None:
    """Replace what stands between the comments `begin name` and `end name` of the page, and the
    results that are kept, if there are any."""
    if results is not None:
        results_file(name).write_text(json.dumps(results, indent=1) + "\n")
    begin, end = f"<!-- begin {name} -->\n", f"<!-- end {name} -->\n"
    before, rest = PAGE.read_text().split(begin)
    PAGE.write_text(before + begin + text + end + rest.split(end)[1])
