"""The pages of the documentation that show what was measured."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]


def results_file(name: str) -> Path:
    """Where the results of a benchmark are kept."""
    return ROOT / "benchmarks" / "results" / f"{name}.json"


def show(name: str, text: str, results: Mapping[str, Any] | None = None) -> None:
    """Replace what stands between the comments `begin name` and `end name` of the page that has
    them, and the results that are kept, if there are any."""
    if results is not None:
        results_file(name).write_text(json.dumps(results, indent=1) + "\n")
    begin, end = f"<!-- begin {name} -->\n", f"<!-- end {name} -->\n"
    (page,) = (page for page in ROOT.glob("docs/*.md") if begin in page.read_text())
    before, rest = page.read_text().split(begin)
    page.write_text(before + begin + text + end + rest.split(end)[1])
