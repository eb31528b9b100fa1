"""How much a build does, in counts that are the same on a slow machine.

dbt prepares a node for 20 to 60 ms of processor time and a statement for 2 to 5 ms, whatever they
ask. Of the build of a small plant that is nearly all: docs/performance.md.
"""

import json

import pytest

from tests.python.conftest import WORK, Plant

# As `python -m loaders build` runs it in a new warehouse. `operation` is a hook, `dbt` what no node
# sends.
MOST = {
    "nodes": {"model": 159, "seed": 11, "test": 4, "operation": 7, "exposure": 3},
    "statements": {"model": 731, "seed": 50, "test": 75, "dbt": 81},
}


@pytest.mark.parametrize("counted", MOST)
def test_a_build_does_no_more_than_it_did(small_plant: Plant, counted: str) -> None:
    found = json.loads((small_plant.folder / WORK).read_text())[counted]
    most = MOST[counted]
    grown = [
        f"{number} {counted} of the kind {kind}, at most {most.get(kind, 0)} before"
        for kind, number in found.items()
        if number > most.get(kind, 0)
    ]
    assert not grown, (
        f"a build does more: {'; '.join(grown)}. If each of them is needed, raise the number here"
    )
