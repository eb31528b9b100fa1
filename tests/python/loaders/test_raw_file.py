"""The raw file: made of a former layout, upgraded, refused, damaged; read beside readers."""

import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import duckdb
import pytest

from loaders.errors import LoaderError
from loaders.maintainx.catalogue import CATALOGUE
from loaders.settings import demo_hint
from loaders.warehouse import file, run_log, schema, upgrade
from loaders.warehouse.file import RawFile, raw_path, reading
from tests.python.loaders.conftest import ROOT, Loaders, differences

ROWS = 3_000

# As the loaders wrote them when raw was a schema of the warehouse.
FORMER_LAYOUT = f"""
create schema raw;
create schema marts;
create table marts.fct_work_orders as select 1 as work_order_id;
create table raw._runs (
    run_id varchar not null, command varchar not null, state varchar not null,
    started_at timestamp not null, ended_at timestamp, requests bigint, error varchar
);
insert into raw._runs values ('first', 'extract', 'done', '2026-01-01', '2026-01-01', 1, null);
create table raw.teams (
    organization_id bigint not null, id bigint not null, payload json,
    source_updated_at timestamp, _operation varchar not null, _content_hash varchar,
    _extracted_at timestamp not null, _run_id varchar not null
);
insert into raw.teams
select
    1, range, '{{"id": 1,  "name": "as it was sent: 1.10"}}', null, 'upsert', md5(range::varchar),
    timestamp '2026-01-01' + to_microseconds(range), 'first'
from range({ROWS});
create table raw.a_list_that_is_no_more as select 7 as id;
"""

# What prepares the raw file, and dies where it is told to.
PREPARE_AND_DIE = """
import os, signal, sys
from pathlib import Path
from loaders.warehouse import run_log, upgrade
from loaders.warehouse.file import RawFile

def die(*_arguments):
    os.kill(os.getpid(), signal.SIGKILL)

{patch}
upgrade.prepare(RawFile(Path(sys.argv[1])))
"""
DEATHS = {
    "before the copy": "upgrade._copy = die",
    "while the tables are copied": "upgrade.one_row = die",
    "before the copy takes its name": "Path.replace = die",
    "before the schema is dropped": "upgrade._drop = die",
    "before the version is written": "upgrade.upgrade = die",
}


@pytest.fixture
def former(tmp_path: Path) -> Path:
    """A warehouse of the former layout."""
    path = tmp_path / "warehouse.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(FORMER_LAYOUT)
    return path


def schemas(warehouse: Path) -> set[str]:
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        rows = connection.execute(
            "select schema_name from duckdb_schemas() where database_name = current_database()"
        ).fetchall()
    return {row[0] for row in rows}


def assert_moved(warehouse: Path) -> None:
    """Every raw row is in the raw file, once, and nothing of raw in the warehouse."""
    assert "raw" not in schemas(warehouse)
    with duckdb.connect() as connection:
        # As a user of the command line has both.
        connection.execute(f"attach '{warehouse}' as warehouse (read_only); use warehouse")
        connection.execute(f"attach '{raw_path(warehouse)}' as raw (read_only)")
        assert connection.execute(
            "select count(*), count(distinct _content_hash), min(payload::varchar) from raw.teams"
        ).fetchall() == [(ROWS, ROWS, '{"id": 1,  "name": "as it was sent: 1.10"}')]
        assert connection.execute("select * from raw.a_list_that_is_no_more").fetchall() == [(7,)]
        assert connection.execute("select count(*) from raw._runs").fetchall() == [(1,)]
        assert connection.execute("select version from raw._schema_version").fetchall() == [
            (len(schema.MIGRATIONS),)
        ]
        assert connection.execute("from marts.fct_work_orders").fetchall() == [(1,)]
        nullable = connection.execute(
            "select column_name from duckdb_columns() where database_name = 'raw'"
            " and table_name = 'teams' and not is_nullable"
        ).fetchall()
        assert len(nullable) == 5
        tables = {row[0] for row in connection.execute("show tables from raw").fetchall()}
        assert tables > {*CATALOGUE, "_run_resources"}


def test_a_former_layout_is_moved_at_the_first_extract(former: Path, loaders: Loaders) -> None:
    early = loaders.run("status", expect=2).stderr
    assert "run `make extract` first" in early
    err = loaders.extract("teams", "users").stderr
    assert f"{former}: moving the raw tables to {raw_path(former)}" in err
    assert differences(loaders, "users") == {}
    assert loaders.query("select count(*) from raw.teams where _run_id = 'first'") == [(ROWS,)]
    assert "raw" not in schemas(former)
    assert "moving" not in loaders.extract("teams", "users").stderr


@pytest.mark.parametrize("death", DEATHS)
def test_a_move_that_was_killed_is_finished_by_the_next_run(former: Path, death: str) -> None:
    script = PREPARE_AND_DIE.format(patch=DEATHS[death])
    killed = subprocess.run([sys.executable, "-c", script, str(former)], cwd=ROOT, check=False)
    assert killed.returncode == -9
    upgrade.prepare(RawFile(former))
    assert_moved(former)


def test_a_schema_with_runs_of_its_own_is_not_dropped(former: Path) -> None:
    script = PREPARE_AND_DIE.format(patch=DEATHS["before the schema is dropped"])
    subprocess.run([sys.executable, "-c", script, str(former)], cwd=ROOT, check=False)
    with duckdb.connect(str(former)) as connection:
        connection.execute("insert into raw._runs select 'second', * exclude run_id from raw._runs")
    with pytest.raises(LoaderError, match="holds 1 runs in its schema raw"):
        upgrade.prepare(RawFile(former))
    assert "raw" in schemas(former)


def test_a_move_without_room_leaves_the_warehouse_as_it_was(former: Path) -> None:
    """A file-size limit stands for the disk."""
    before = former.read_bytes()
    script = PREPARE_AND_DIE.format(patch="")
    limited = subprocess.run(
        ["bash", "-c", 'ulimit -f 100; exec "$0" -c "$1" "$2"', sys.executable, script, former],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert limited.returncode == 1
    assert "free disk space" in limited.stderr
    assert former.read_bytes() == before
    assert not raw_path(former).exists()
    upgrade.prepare(RawFile(former))
    assert_moved(former)


def test_a_warehouse_that_is_built_is_left_alone(tmp_path: Path) -> None:
    """An extract needs no warehouse, so one that is damaged or held does not stop it."""
    raw = RawFile(tmp_path / "warehouse.duckdb")
    upgrade.prepare(raw)
    raw.warehouse.write_text("damaged")
    upgrade.prepare(raw)
    assert raw.warehouse.read_text() == "damaged"


@pytest.fixture
def raw(tmp_path: Path) -> RawFile:
    raw = RawFile(tmp_path / "warehouse.duckdb")
    upgrade.prepare(raw)
    run_log.begin_run(raw, "first", "test")
    return raw


def version(raw: RawFile) -> int:
    with reading(raw.warehouse, "raw") as connection:
        return file.version(connection)


def test_an_older_file_is_upgraded(raw: RawFile, monkeypatch: pytest.MonkeyPatch) -> None:
    before = version(raw)
    steps = (*schema.MIGRATIONS, "alter table raw._runs add column host varchar")
    monkeypatch.setattr(schema, "MIGRATIONS", steps)
    assert upgrade.is_behind(raw.warehouse)
    upgrade.prepare(raw)
    assert version(raw) == before + 1
    assert not upgrade.is_behind(raw.warehouse)
    upgrade.prepare(raw)
    with reading(raw.warehouse, "raw") as connection:
        assert connection.execute("select run_id, host from raw._runs").fetchall() == [
            ("first", None)
        ]


def test_an_upgrade_that_fails_changes_nothing(
    raw: RawFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = version(raw)
    steps = ("alter table raw._runs add column host varchar", "select error('no room')")
    monkeypatch.setattr(schema, "MIGRATIONS", (*schema.MIGRATIONS, *steps))
    with pytest.raises(LoaderError, match="no room"):
        upgrade.prepare(raw)
    assert version(raw) == before
    with reading(raw.warehouse, "raw") as connection:
        columns = connection.execute("describe raw._runs").fetchall()
    assert "host" not in [column[0] for column in columns]


def test_a_newer_file_is_refused_in_a_line(raw: RawFile, loaders: Loaders) -> None:
    with raw.transaction() as connection:
        connection.execute("update raw._schema_version set version = version + 1")
    content = raw.path.read_bytes()
    for command in (["extract", "teams"], ["status"], ["trust"], ["dbt", "build"], ["reconcile"]):
        err = loaders.run(*command, expect=1).stderr
        assert "update the project, then run again" in err
        assert err.count("\n") == 1
    assert raw.path.read_bytes() == content
    assert not raw.warehouse.exists()


def damage_the_wal(path: Path) -> None:
    """Leave commits in the WAL, whose end a power cut made zeros."""
    script = (
        "import duckdb, os, sys; c = duckdb.connect(sys.argv[1]);"
        "[c.execute(\"insert into _runs select 'lost' || ?, * exclude run_id from _runs"
        ' limit 1", [i]) for i in range(50)]; os._exit(0)'
    )
    subprocess.run([sys.executable, "-c", script, str(path)], check=True)
    wal = Path(f"{path}.wal")
    content = wal.read_bytes()
    wal.write_bytes(content[:-2000] + bytes(2000))


def test_a_damaged_wal_costs_no_history(loaders: Loaders) -> None:
    loaders.extract("teams")
    damage_the_wal(loaders.raw)
    wal = Path(f"{loaders.raw}.wal")
    for command in (["extract", "teams"], ["status"]):
        err = loaders.run(*command, expect=1).stderr
        assert f"move {wal} to another folder, then run again" in err
        assert err.count("\n") == 1
    wal.rename(wal.with_name("aside"))
    loaders.extract("teams")
    assert differences(loaders, "teams") == {}
    assert loaders.query("select count(*) from raw._runs") == [(2,)]


def test_a_file_without_a_run_log_is_said_by_status_and_trust(loaders: Loaders) -> None:
    """As a first run leaves it that is killed before its first transaction."""
    duckdb.connect(str(loaders.raw)).close()
    for command in ("status", "trust"):
        err = loaders.run(command, expect=2).stderr
        told = f"error: {loaders.raw} holds no run log: run `make extract` first{demo_hint()}\n"
        assert err == told


def test_the_name_of_a_file_beside_the_warehouse_is_refused(loaders: Loaders) -> None:
    for name in ("raw.duckdb", "results.duckdb", "plant.raw.duckdb", "plant.results.duckdb"):
        loaders.warehouse = loaders.warehouse.with_name(name)
        err = loaders.run("status", expect=2).stderr
        assert f"cannot be {name}" in err
    assert list(loaders.warehouse.parent.iterdir()) == []


# One digest per released step, in order. Add one with each release that adds a step.
RELEASED_STEPS = ("f897ae75e906c187",)


def test_a_released_step_never_changes() -> None:
    """A raw file that has run it would not run it again, and would lack what was added."""
    digests = [sha256(step.encode()).hexdigest()[:16] for step in schema.MIGRATIONS]
    assert digests[: len(RELEASED_STEPS)] == list(RELEASED_STEPS)
