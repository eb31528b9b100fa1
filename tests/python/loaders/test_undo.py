"""A checkpoint that was cut off: real files, torn as a kill in the middle of a write does."""

import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from loaders.errors import CutOffError, LoaderError
from loaders.warehouse import run_log, undo, upgrade
from loaders.warehouse.file import RawFile, raw_path, reading

HOLD = "import duckdb, sys; held = duckdb.connect(sys.argv[1]); print(flush=True); input()"


def rows(connection: duckdb.DuckDBPyConnection) -> list[tuple[int]]:
    return connection.execute("select count(*) from raw.teams").fetchall()


def torn_blocks(warehouse: Path) -> list[int]:
    """Make a raw file whose newest commit is in its WAL and whose checkpoint was cut off.

    Gives the blocks that the checkpoint wrote in place; of the last of them only the first page is.
    """
    raw = RawFile(warehouse)
    path = raw.path
    upgrade.prepare(raw)
    for number in range(5):
        with raw.transaction() as connection:
            connection.execute(
                "insert into raw.teams select 1, i, '{}', null, 'upsert', md5(i::varchar),"
                f" now()::timestamp, 'run {number}' from range(1000) as numbers(i)"
            )
    with duckdb.connect(str(path)) as connection:
        connection.execute("pragma disable_checkpoint_on_shutdown")
        connection.execute("insert into teams select * from teams limit 7")
    kept = {end: Path(f"{path}{end}").read_bytes() for end in ("", ".wal")}
    with raw.transaction() as connection:
        blocks = [row[0] for row in connection.execute(undo.METADATA_BLOCKS).fetchall()]
    before, after = kept[""], path.read_bytes()
    places = [undo.HEADERS + number * undo.BLOCK for number in blocks]
    written = [
        place
        for place in places
        if before[place : place + undo.BLOCK] != after[place : place + undo.BLOCK]
    ]
    page = slice(written[-1], written[-1] + 4096)
    path.write_bytes(before[: page.start] + after[page] + before[page.stop :])
    Path(f"{path}.wal").write_bytes(kept[".wal"])
    return written


@pytest.fixture
def torn(tmp_path: Path) -> Path:
    warehouse = tmp_path / "warehouse.duckdb"
    assert torn_blocks(warehouse)
    path = raw_path(warehouse)
    with pytest.raises(duckdb.IOException, match="checksum"):
        duckdb.connect(str(path)).execute("select * from teams").fetchall()
    return path


def test_what_was_committed_is_back(torn: Path) -> None:
    warehouse = torn.with_name("warehouse.duckdb")
    with pytest.raises(CutOffError, match="run `make extract`"), reading(warehouse, "raw"):
        pass
    with RawFile(warehouse).transaction() as connection:
        assert rows(connection) == [(5007,)]
    with reading(warehouse, "raw") as connection:
        assert rows(connection) == [(5007,)]


def test_without_the_blocks_the_damage_is_told(torn: Path) -> None:
    Path(f"{torn}.undo").unlink()
    raw = RawFile(torn.with_name("warehouse.duckdb"))
    with pytest.raises(LoaderError, match="checksum"), raw.transaction() as connection:
        rows(connection)


def test_blocks_of_an_older_state_are_left_alone(tmp_path: Path) -> None:
    raw, older = RawFile(tmp_path / "warehouse.duckdb"), tmp_path / "older.undo"
    path = raw.path
    upgrade.prepare(raw)
    run_log.begin_run(raw, "one", "test")
    shutil.copy(f"{path}.undo", older)
    run_log.begin_run(raw, "two", "test")
    shutil.copy(older, f"{path}.undo")
    content = path.read_bytes()
    with undo.guarded(path) as kept:
        assert kept is not None
        assert not kept.put_back()
    assert path.read_bytes() == content


def test_nothing_is_put_back_while_another_program_writes(torn: Path, tmp_path: Path) -> None:
    whole = tmp_path / "held.duckdb"
    duckdb.connect(str(whole)).close()
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(whole)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdout is not None
    holder.stdout.readline()
    content = torn.read_bytes()
    # The holder's lock is on the file, whatever the file then contains.
    with whole.open("r+b") as file:
        file.write(content)
    shutil.copy(f"{torn}.undo", f"{whole}.undo")
    with undo.guarded(whole) as kept:
        assert kept is not None
        assert not kept.put_back()
    assert whole.read_bytes() == content
    holder.kill()
    holder.communicate()
    with undo.guarded(whole) as kept:
        assert kept is not None
        assert kept.put_back()
