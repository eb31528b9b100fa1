"""A new user's first commands: each does its work or says in one line what to do."""

import os
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest

from loaders.errors import SettingsError
from loaders.settings import DEMO_WAREHOUSE, warehouse_path
from tests.python.loaders.conftest import ROOT, RUNS_DBT, Loaders

WITHOUT_WAREHOUSE = [
    ("status",),
    ("trust",),
    ("export", "csv"),
    ("export", "xlsx"),
    ("publish",),
    ("build",),
    ("dbt", "docs", "generate"),
]


@pytest.mark.parametrize("command", WITHOUT_WAREHOUSE, ids=" ".join)
@pytest.mark.parametrize("demo", [True, False])
def test_without_a_warehouse_a_command_says_how_to_use_the_demos(
    tmp_path: Path, command: tuple[str, ...], demo: bool
) -> None:
    if demo:
        (tmp_path / "demo").mkdir()
        (tmp_path / "demo" / "warehouse.duckdb").touch()
    environment = {name: text for name, text in os.environ.items() if "MAINTAINX" not in name}
    process = subprocess.run(
        [sys.executable, "-m", "loaders", *command],
        cwd=tmp_path,
        env=environment | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert process.returncode == 2, process.stdout
    assert process.stderr.count("\n") == 1, process.stderr
    assert re.search(r"^error: there is no \S+ yet: run `make \w+` first", process.stderr)
    assert ("MAINTAINX_WAREHOUSE=demo/warehouse.duckdb" in process.stderr) is demo
    assert [path.name for path in tmp_path.iterdir()] == (["demo"] if demo else [])


def test_only_the_demo_creates_the_folder_of_its_warehouse(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MAINTAINX_WAREHOUSE", DEMO_WAREHOUSE)
    with pytest.raises(SettingsError, match="there is no folder demo"):
        warehouse_path()
    assert warehouse_path(DEMO_WAREHOUSE).parent.is_dir()
    assert warehouse_path() == Path(DEMO_WAREHOUSE)


@pytest.mark.parametrize("installed", ["", "click"])
def test_without_the_environment_a_command_names_make_setup(tmp_path: Path, installed: str) -> None:
    """Python finds no package (-S), or only the first that the loaders import."""
    if installed:
        (tmp_path / installed).symlink_to(Path(click.__file__).parent)
    process = subprocess.run(
        [sys.executable, "-S", "-m", "loaders", "status"],
        cwd=ROOT,
        env={"PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert process.returncode == 2, process.stderr
    assert process.stderr.count("\n") == 1, process.stderr
    assert f"the package {'duckdb' if installed else 'click'} is not" in process.stderr
    assert "make setup" in process.stderr


@pytest.mark.slow
@RUNS_DBT
def test_a_build_says_what_it_did_and_publishes(loaders: Loaders) -> None:
    loaders.extract("-q")
    copy = loaders.warehouse.with_name("marts.duckdb")
    loaders.run("build", "--select", "dim_dates", "--vars", "as_of: soon", expect=None)
    assert not copy.exists()
    built = loaders.run("build", "--select", "+dim_organizations", "--indirect-selection=empty")
    lines = built.stdout.splitlines()
    assert "models and" in lines[0]
    assert "tests passed" in lines[0]
    assert lines[-1].endswith("marts.duckdb: 1 marts published")
    assert len(lines) < 10
    assert copy.exists()
    # dbt inherits the umask of the loaders.
    made = [path for path in copy.parent.iterdir() if path.suffix == ".duckdb"]
    assert {path.name: path.stat().st_mode & 0o777 for path in made} == {
        f"{name}.duckdb": 0o600
        for name in ("marts", "warehouse", "warehouse.raw", "warehouse.results")
    }
