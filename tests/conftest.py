"""A plant of 40,000 work orders and the warehouse made of it, for every module that needs one."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from loaders.sandbox import Sandbox, build, serve
from tests.loaders.conftest import ROOT, Loaders


@dataclass
class Plant:
    """A sandbox, the warehouse made of it, and a folder of the test's own."""

    loaders: Loaders
    folder: Path

    @property
    def target(self) -> Path:
        """Where dbt writes: one place for all tests of a process, so that dbt parses once."""
        return self.folder.parent / "dbt" / "target"

    def dbt(self, *arguments: str, as_of: str | None = None) -> subprocess.CompletedProcess[str]:
        moment = as_of or self.loaders.sandbox.now
        # dbt would parse anew for another path, and DuckDB looks through a link for the name.
        link = self.target.with_name("warehouse.duckdb")
        self.target.mkdir(parents=True, exist_ok=True)
        link.unlink(missing_ok=True)
        link.symlink_to(self.loaders.warehouse)
        return subprocess.run(
            [
                str(Path(sys.executable).with_name("dbt")),
                "--no-use-colors",
                *arguments,
                "--target-path",
                str(self.target),
                "--log-path",
                str(self.target.with_name("logs")),
                "--vars",
                json.dumps({"as_of": moment}),
            ],
            cwd=ROOT,
            env={**os.environ, "MAINTAINX_WAREHOUSE": str(link)},
            capture_output=True,
            text=True,
            check=False,
        )

    def build(self, *arguments: str) -> dict[str, dict[str, Any]]:
        """dbt build without an error; gives each node's result by its name.

        Unit tests hold of any data: only the first build of the plant runs them.
        """
        process = self.dbt("build", *(arguments or ("--exclude-resource-type", "unit_test")))
        assert process.returncode == 0, process.stdout
        results = json.loads((self.target / "run_results.json").read_text())["results"]
        return {result["unique_id"].split(".")[2]: result for result in results}


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
