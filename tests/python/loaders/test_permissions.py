"""Files are private to the user of the loaders; one setting lets a group read them."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from loaders.maintainx.catalogue import CATALOGUE
from sandbox import Sandbox
from tests.python.loaders.conftest import Loaders
from tests.python.loaders.hostile import Answer, Hostile, Request, page, serving

PRIVATE = (0o600, 0o700)


@pytest.fixture(autouse=True)
def umask() -> Iterator[None]:
    """The usual umask, under which everyone can read new files."""
    former = os.umask(0o022)
    yield
    os.umask(former)


def modes(folder: Path, *others: str) -> dict[str, int]:
    """Permissions of all files and folders below `folder`, without links and `others`."""
    return {
        str(path.relative_to(folder)): stat.S_IMODE(path.lstat().st_mode)
        for path in folder.rglob("*")
        if not path.is_symlink() and path.name not in others
    }


@pytest.mark.parametrize(
    ("setting", "of_file", "of_folder"), [(None, *PRIVATE), ("027", 0o640, 0o750)]
)
def test_who_can_read_what_the_loaders_write(
    sandbox: Sandbox, tmp_path: Path, setting: str | None, of_file: int, of_folder: int
) -> None:
    def breaks_off(request: Request) -> Answer:
        records = page(CATALOGUE["locations"], [{"id": 1}], "next")
        return Answer({"error": "no"}, 405) if request.get("cursor") else Answer(records)

    hostile = Hostile({"/teams": [{"id": 1}]}, {"/locations": breaks_off})
    folder = tmp_path / "data"
    folder.mkdir()
    with serving(hostile) as url:
        warehouse = folder / "warehouse.duckdb"
        loaders = Loaders(sandbox, url, warehouse, {"MAINTAINX_UMASK": setting})
        loaders.extract("teams", "locations", expect=1)
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("create schema marts; create table marts.dim_teams as select 1 as one")
    loaders.run("publish", "--parquet")
    for kind in ("csv", "parquet", "xlsx"):
        loaders.run("export", kind, "dim_teams", "--out", str(folder / "exports"))
    found = modes(folder, warehouse.name)
    assert {
        *("warehouse.raw.duckdb", "marts.duckdb", "exports", "exports/dim_teams.csv"),
        *("exports/dim_teams.xlsx", "warehouse.duckdb.spool/7/locations.whole.journal"),
    } <= set(found)
    folders = {path for path in found if (folder / path).is_dir()}
    assert {path: mode for path, mode in found.items() if path not in folders} == dict.fromkeys(
        set(found) - folders, of_file
    )
    assert {found[path] for path in folders} == {of_folder}


@pytest.mark.sampled
@pytest.mark.parametrize("setting", ["777", "group", "0o27", "9", "27"])
def test_a_umask_that_makes_no_sense_is_a_clear_message(
    sandbox: Sandbox, tmp_path: Path, setting: str
) -> None:
    loaders = Loaders(sandbox, "", tmp_path / "warehouse.duckdb", {"MAINTAINX_UMASK": setting})
    told = loaders.run("status", expect=2).stderr
    assert told.startswith("error: MAINTAINX_UMASK")
    assert told.count("\n") == 1
