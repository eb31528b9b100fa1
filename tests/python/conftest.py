"""Warehouses that several modules share: a small one, and one of 40,000 work orders."""

import fcntl
import json
import os
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from sandbox import Sandbox, build, serve, small
from tests.python.loaders.conftest import Loaders
from tests.support.dbt_in_process import Said, as_of, invoke, parsed

# What the last build of a plant did: kind of node -> number of nodes, and of statements.
WORK = "work.json"


@dataclass
class Plant:
    """A sandbox, the warehouse made of it, and a folder of the test's own."""

    loaders: Loaders
    folder: Path

    @property
    def target(self) -> Path:
        """Where dbt writes: one place for all tests of a process, which parses once."""
        return self.folder.parent / "dbt"

    def dbt(self, *arguments: str, moment: str | None = None) -> Said:
        """Run dbt as of `moment`, by default the end of the sandbox's data."""
        return invoke(
            self.loaders.warehouse,
            *arguments,
            *("--target-path", str(self.target), "--log-path", str(self.target)),
            *as_of(moment or self.loaders.sandbox.now),
            manifest=parsed(self.target),
        )

    def build(self, *arguments: str) -> dict[str, dict[str, Any]]:
        """dbt build without an error; gives the result of each model, seed and test by its name.

        Unit tests check the SQL, not the data: one test of their own runs them.
        """
        said = self.dbt("build", "--no-write-json", *arguments)
        assert said.success, said.text
        kinds = Counter(node["unique_id"].partition(".")[0] for node in said.nodes)
        work = {"nodes": kinds, "statements": said.statements}
        (self.folder / WORK).write_text(json.dumps(work))
        tests = self.loaders.query(
            "select node_id, status, rows_failing, message from quality.test_results"
            " where build_started_at = (select max(build_started_at) from quality.model_runs)"
        )
        names = ("unique_id", "status", "failures", "message")
        nodes = [node for node in said.nodes if not node["unique_id"].startswith("test.")]
        nodes += [dict(zip(names, test, strict=True)) for test in tests]
        return {node["unique_id"].split(".")[2]: node for node in nodes}


def make_plant(sandbox: Sandbox, folder: Path) -> Iterator[Plant]:
    with serve(sandbox) as url:
        loaders = Loaders(sandbox, url, folder / "warehouse.duckdb")
        loaders.extract("-q", "--max-details", "100000")
        yield Plant(loaders, folder)


Results = dict[str, dict[str, Any]]
RESULTS = "results.json"


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark as slow all but the first set of parameters of a test that is `sampled`."""
    met: set[str] = set()
    for item in items:
        if item.get_closest_marker("sampled") is not None:
            test = item.nodeid.partition("[")[0]
            if test in met:
                item.add_marker(pytest.mark.slow)
            met.add(test)


@pytest.fixture(scope="session")
def small_plant(tmp_path_factory: pytest.TempPathFactory) -> Plant:
    """The small sandbox, extracted and built with all its data tests. Copy it to change it.

    The first worker that needs it builds it. The results of the build are beside it, as JSON.
    """
    own = tmp_path_factory.getbasetemp()
    shared = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "small"
    with (shared.with_suffix(".lock")).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not shared.exists():
            folder = tmp_path_factory.mktemp("small_plant")
            for made in make_plant(Sandbox(small()), folder):
                (folder / RESULTS).write_text(json.dumps(made.build()))
            shutil.copytree(folder, shared)
    return Plant(Loaders(Sandbox(small()), "", shared / "warehouse.duckdb"), shared)


SMALL = [pytest.param("small", marks=pytest.mark.xdist_group("small"))]
LARGE = [pytest.param("40,000", marks=[pytest.mark.slow, pytest.mark.xdist_group("plant")])]


@pytest.fixture(scope="session", params=[*SMALL, *LARGE])
def plant(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Plant]:
    """A copy of the small plant; for slow tests 40,000 work orders, extracted once."""
    folder = tmp_path_factory.mktemp("plant")
    if request.param == "40,000":
        yield from make_plant(Sandbox(build()), folder)
        return
    small_plant: Plant = request.getfixturevalue("small_plant")
    warehouse = small_plant.loaders.copied(folder)
    shutil.copy(small_plant.folder / RESULTS, folder)
    sandbox = Sandbox(small())
    with serve(sandbox) as url:
        yield Plant(Loaders(sandbox, url, warehouse), folder)


@pytest.fixture(scope="session")
def results(plant: Plant) -> Results:
    """What the build of the plant gave: each node's result by its name."""
    kept = plant.folder / RESULTS
    if not kept.exists():
        return plant.build()
    found: Results = json.loads(kept.read_text())
    return found
