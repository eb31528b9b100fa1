"""The published marts of the small plant, and copies of them that hold other data."""

import shutil
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from loaders.export.dashboard import FILE, write_dashboard
from loaders.export.publish import publish
from loaders.settings import PUBLISHED as MARTS
from tests.python.conftest import Plant

Changed = Callable[[str], Path]


@pytest.fixture(scope="session")
def warehouse(small_plant: Plant, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the small plant with its published marts and its dashboard."""
    copy = small_plant.loaders.copied(tmp_path_factory.mktemp("dashboard"))
    publish(copy)
    write_dashboard(copy)
    return copy


@pytest.fixture
def changed(warehouse: Path, tmp_path: Path) -> Changed:
    """Writes the dashboard of marts that a script changed; gives the page's path."""

    def change(script: str) -> Path:
        shutil.copy(warehouse.with_name(MARTS), tmp_path)
        with duckdb.connect(str(tmp_path / MARTS)) as connection:
            connection.execute(script)
        write_dashboard(tmp_path / warehouse.name)
        return tmp_path / FILE

    return change


TABLES = "select table_name from duckdb_tables() where table_name != '_published'"


@pytest.fixture(scope="session")
def emptied(warehouse: Path) -> str:
    """A script that deletes the rows of all marts."""
    with duckdb.connect(str(warehouse.with_name(MARTS)), read_only=True) as connection:
        names = [row[0] for row in connection.execute(TABLES).fetchall()]
    return "".join(f"delete from {name};" for name in names)
