"""A plant of 40,000 work orders and the warehouse made of it, for every module that needs one."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from sandbox import Sandbox, build, serve
from tests.python.loaders.conftest import Loaders
from tests.support.dbt_in_process import Said, as_of, invoke, parsed


@dataclass
class Plant:
    """A sandbox, the warehouse made of it, and a folder of the test's own."""

    loaders: Loaders
    folder: Path

    @property
    def target(self) -> Path:
        """Where dbt writes: one place for all tests of a process, which parses once."""
        return self.folder.parent / "dbt"

    def dbt(self, *arguments: str) -> Said:
        return invoke(
            self.loaders.warehouse,
            *arguments,
            *("--target-path", str(self.target), "--log-path", str(self.target)),
            *as_of(self.loaders.sandbox.now),
            manifest=parsed(self.target),
        )

    def build(self, *arguments: str) -> dict[str, dict[str, Any]]:
        """dbt build without an error; gives each node's result by its name.

        Unit tests hold of any data: only the first build of the plant runs them.
        """
        chosen = arguments or ("--exclude-resource-type", "unit_test")
        said = self.dbt("build", "--no-write-json", *chosen)
        assert said.success, said.text
        return {node["unique_id"].split(".")[2]: node for node in said.nodes}


def make_plant(sandbox: Sandbox, folder: Path) -> Iterator[Plant]:
    with serve(sandbox) as url:
        loaders = Loaders(sandbox, url, folder / "warehouse.duckdb")
        loaders.extract("-q")
        yield Plant(loaders, folder)


@pytest.fixture(scope="session")
def plant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plant]:
    """40,000 work orders, extracted once for all modules of the group "plant"."""
    yield from make_plant(Sandbox(build()), tmp_path_factory.mktemp("plant"))


@pytest.fixture(scope="session")
def results(plant: Plant) -> dict[str, dict[str, Any]]:
    return plant.build("--select", "*")
