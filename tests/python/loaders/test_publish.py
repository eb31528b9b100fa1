"""The copy for analysts is whole at any moment, and nobody waits for anybody."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pytest

from loaders import settings
from loaders.errors import LoaderError, SettingsError
from loaders.export.lake import writing
from loaders.export.publish import publish
from loaders.settings import Lake
from sandbox import Dataset, Sandbox
from tests.python.loaders.conftest import ROOT, Loaders

READERS = 20
BUILDS = 20

MARTS = {"fct_work_requests": 3_000, "dim_assets": 500, "dim_organizations": 1}

# Opens the copy as an analyst does, and holds each table against what the stamp says of it. Ends
# with the file `stop`; prints how many times it looked and the builds that it saw.
READER = """
import sys, time
from pathlib import Path
import duckdb
path, stop = Path(sys.argv[1]), Path(sys.argv[2])
looks, seen = 0, set()
while not stop.exists():
    time.sleep(0.3)
    with duckdb.connect(str(path), read_only=True, config={"threads": 1}) as connection:
        stamps = connection.execute("select mart, rows, run_id from _published").fetchall()
        assert len(stamps) == 3, stamps
        (run,) = {run for _, _, run in stamps}
        for mart, rows, _ in stamps:
            found = connection.execute(
                f"select count(*), min(build), max(build) from marts.{mart}"
            ).fetchone()
            assert found == (rows, run, run), (mart, found, rows, run)
        looks += 1
        seen.add(run)
print(looks, len(seen))
"""


@pytest.fixture
def loaders(dataset: Dataset, tmp_path: Path) -> Loaders:
    loaders = Loaders(Sandbox(dataset), "", tmp_path / "warehouse.duckdb")
    build(loaders, "build 00")
    return loaders


def build(loaders: Loaders, name: str, rows: int = 1) -> None:
    """What a build leaves behind: every mart anew, all of one run."""
    with loaders.writable() as connection:
        connection.execute(
            "create schema if not exists marts;"
            f"create or replace table raw._runs as select '{name}' as run_id,"
            " timestamp '2026-01-01 00:00:00' as ended_at"
        )
        for mart, count in MARTS.items():
            connection.execute(
                f"create or replace table marts.{mart} as select range as id, '{name}' as build,"
                " timestamp '2026-01-01 00:00:00' as as_of_at, repeat(md5(range::text), 4) as text"
                f" from range({count * rows + int(name[-2:])});"
                f"comment on table marts.{mart} is 'One row per thing.';"
                f"comment on column marts.{mart}.id is 'Id of the thing.'"
            )


def published(loaders: Loaders) -> Path:
    return loaders.warehouse.with_name("marts.duckdb")


def stamp(path: Path) -> set[str]:
    with duckdb.connect(str(path), read_only=True) as connection:
        runs = connection.execute("select run_id from marts._published").fetchall()
    return {row[0] for row in runs}


@pytest.mark.slow
def test_twenty_readers_through_twenty_builds(loaders: Loaders, tmp_path: Path) -> None:
    loaders.run("publish")
    stop = tmp_path / "stop"
    arguments = [sys.executable, "-c", READER, str(published(loaders)), str(stop)]
    readers = [
        subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(READERS)
    ]
    with duckdb.connect(str(published(loaders)), read_only=True) as patient:
        for number in range(1, BUILDS + 1):
            build(loaders, f"build {number:02}")
            publish(loaders.warehouse)
        former = patient.execute("select distinct build from marts.fct_work_requests").fetchall()
    stop.touch()
    for reader in readers:
        out, err = reader.communicate(timeout=60)
        assert reader.returncode == 0, err
        looks, seen = map(int, out.split())
        assert looks >= seen > 1
    assert former == [("build 00",)]
    assert stamp(published(loaders)) == {f"build {BUILDS}"}


def test_an_analyst_finds_the_marts_their_descriptions_and_the_stamp(loaders: Loaders) -> None:
    told = loaders.run("publish", "--parquet").stdout
    assert "3 marts published" in told
    with duckdb.connect(str(published(loaders)), read_only=True) as connection:
        query = "select count(*) from marts.fct_work_requests"
        assert connection.execute(query).fetchall() == [(3_000,)]
        assert connection.execute(
            "select mart, rows, as_of_at::text, run_id, warehouse from marts._published"
            " where mart = 'dim_assets'"
        ).fetchall() == [("dim_assets", 500, "2026-01-01 00:00:00", "build 00", "warehouse.duckdb")]
        assert connection.execute(
            "select comment from duckdb_tables() where table_name = 'dim_assets' union all"
            " select comment from duckdb_columns()"
            " where table_name = 'dim_assets' and column_name = 'id'"
        ).fetchall() == [("One row per thing.",), ("Id of the thing.",)]
    with duckdb.connect() as connection:
        connection.execute(f"attach '{published(loaders)}' (read_only)")
        assert connection.execute(query).fetchall() == [(3_000,)]
        folder = published(loaders).with_name("marts")
        assert connection.execute(
            f"select count(*) from '{folder / 'fct_work_requests.parquet'}'"
        ).fetchall() == [(3_000,)]


def test_the_copy_works_under_any_name_and_alias(loaders: Loaders) -> None:
    loaders.run("publish")
    renamed = published(loaders).rename(loaders.warehouse.with_name("plant 7 (copy).duckdb"))
    with duckdb.connect(str(renamed), read_only=True) as connection:
        query = "select count(*) from fct_work_requests"
        assert connection.execute(query).fetchall() == [(3_000,)]
        assert connection.execute("select count(*) from _published").fetchall() == [(3,)]
    for alias in ("plant", "marts"):
        with duckdb.connect() as connection:
            connection.execute(f"attach '{renamed}' as {alias} (read_only)")
            query = f"select count(*) from {alias}.fct_work_requests"
            assert connection.execute(query).fetchall() == [(3_000,)]


def test_the_folder_of_parquet_files_is_turned_as_a_whole(loaders: Loaders) -> None:
    loaders.run("publish", "--parquet")
    link = published(loaders).with_name("marts")
    first = link.resolve()
    folders = [first]
    for number in (1, 2):
        build(loaders, f"build {number:02}")
        loaders.run("publish", "--parquet")
        folders.append(link.resolve())
    assert len(set(folders)) == 3
    # The one before it is kept for those who are reading in it.
    assert [folder.exists() for folder in folders] == [False, True, True]
    with duckdb.connect() as connection:
        found = connection.execute(
            f"select distinct build from read_parquet('{link}/*.parquet')"
        ).fetchall()
    assert found == [("build 02",)]


@pytest.mark.slow
def test_killed_midway_the_former_copy_stands(loaders: Loaders) -> None:
    loaders.run("publish")
    former = published(loaders).read_bytes()
    build(loaders, "build 01", rows=400)
    process = loaders.start("publish")
    unfinished = published(loaders).with_name(".marts.duckdb.unfinished")
    deadline = time.monotonic() + 60
    while not (unfinished.exists() and unfinished.stat().st_size > 1_000_000):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    held = loaders.run("publish", expect=3)
    assert "is held by `publish`" in held.stderr
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    assert unfinished.exists()
    assert published(loaders).read_bytes() == former
    loaders.run("publish")
    assert stamp(published(loaders)) == {"build 01"}
    assert [path.name for path in unfinished.parent.glob(".marts*")] == []


def test_a_reader_that_may_write_does_not_stop_a_build(loaders: Loaders) -> None:
    loaders.run("publish")
    build(loaders, "build 01")
    with duckdb.connect(str(published(loaders))) as connection:
        connection.execute("create table notes as select 1 as note")
        loaders.run("publish")
        assert connection.execute("select note from notes").fetchall() == [(1,)]
    assert stamp(published(loaders)) == {"build 01"}


@pytest.mark.parametrize("other", ["another warehouse", "no copy", "no database"])
def test_what_is_not_its_own_copy_is_left_alone(loaders: Loaders, other: str) -> None:
    target = published(loaders)
    if other == "another warehouse":
        loaders.run("publish")
        raw = loaders.raw
        loaders.warehouse = loaders.warehouse.rename(loaders.warehouse.with_name("other.duckdb"))
        raw.rename(loaders.raw)
    elif other == "no copy":
        with duckdb.connect(str(target)) as connection:
            connection.execute("create table mine as select 1 as number")
    else:
        target.write_text("mine")
    former = target.read_bytes()
    process = loaders.run("publish", expect=1 if other == "no database" else 2)
    assert "marts.duckdb" in process.stderr
    assert process.stderr.count("\n") == 1
    assert target.read_bytes() == former


@pytest.mark.parametrize(
    ("lake", "data", "said"),
    [
        ("lake.ducklake", "lake", "must be ducklake:sqlite:FILE, or ducklake:postgres:"),
        ("ducklake:lake.ducklake", "lake", "must be ducklake:sqlite:FILE, or ducklake:postgres:"),
        ("ducklake:postgres:", "lake", "must be ducklake:sqlite:FILE, or ducklake:postgres:"),
        ("ducklake:postgres:host=db PASSWORD=hush", "lake", "set PGPASSWORD"),
        ("ducklake:postgres:host=db passwd=hush", "lake", "set PGPASSWORD"),
        ("ducklake:postgres:postgresql://me:hush@db/lake", "lake", "~/.pgpass"),
        ("ducklake:sqlite:lake.sqlite", None, "MAINTAINX_LAKE_DATA is not set"),
        ("ducklake:sqlite:lake.sqlite", "s3:/hush", "a URL with two slashes"),
        ("ducklake:sqlite:lake.sqlite", "s3://me:hush@lake", "create a secret in DuckDB"),
        ("ducklake:sqlite:no/lake.sqlite", "lake", "create it, or correct MAINTAINX_LAKE"),
        (None, "lake", "MAINTAINX_LAKE_DATA is set and MAINTAINX_LAKE is not"),
    ],
)
def test_a_lake_that_cannot_be_is_one_line_and_nothing_is_published(
    loaders: Loaders, lake: str | None, data: str | None, said: str
) -> None:
    loaders.env |= {"MAINTAINX_LAKE": lake, "MAINTAINX_LAKE_DATA": data}
    refused = loaders.invoke("publish", expect=2).stderr
    assert said in refused
    assert refused.count("\n") == 1
    assert "hush" not in refused.replace("'s3:/hush'", "")
    assert not published(loaders).exists()


def test_the_schema_of_a_lake_is_none_of_duckdb_and_its_folders_may_be_below_home(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("MAINTAINX_LAKE", "ducklake:sqlite:~/lake.sqlite")
    monkeypatch.setenv("MAINTAINX_LAKE_DATA", "~/data")
    for schema in ("MARTS", "main", "information_schema", "pg_catalog", " ", "a-b"):
        monkeypatch.setenv("MAINTAINX_LAKE_SCHEMA", schema)
        with pytest.raises(SettingsError, match="must be a name of lower-case letters"):
            settings.lake()
    monkeypatch.setenv("MAINTAINX_LAKE_SCHEMA", "plant_1")
    lake = settings.lake()
    assert lake == Lake(f"ducklake:sqlite:{tmp_path}/lake.sqlite", f"{tmp_path}/data", "plant_1")


@pytest.mark.parametrize(
    "said",
    [
        'Failed to commit: Failed to execute query "COMMIT": database or disk is full',
        'Failed to flush changes into DuckLake: Failed to execute query "insert into "t" values\n'
        '(1);": ERROR:  could not extend file "base/1": wrote only 4096 of 8192 bytes\nHINT: more',
    ],
)
def test_a_full_disk_of_the_catalog_is_named(said: str) -> None:
    lake = Lake("ducklake:sqlite:lake.sqlite", "data", "marts")
    with pytest.raises(LoaderError) as found, writing(lake, "is as before", "run again"):
        raise duckdb.TransactionException(
            f"Failed to commit: Failed to commit DuckLake transaction.\n{said}"
        )
    assert re.search(
        r"as before: the catalog was not written: (ERROR: .*bytes|.*is full); free disk space",
        str(found.value),
    )


def test_nothing_is_published_while_the_newest_result_of_a_test_or_a_model_is_a_failure(
    loaders: Loaders,
) -> None:
    def ran(table: str, node: str, day: int, status: str, is_whole: bool = False) -> None:
        with loaders.writable() as connection:
            connection.execute(
                "create schema if not exists quality;"
                "create table if not exists quality.model_runs (node_id text, node_name text,"
                " build_started_at timestamp, status text, is_whole boolean);"
                "create table if not exists quality.test_results as from quality.model_runs"
            )
            connection.execute(
                f"insert into quality.{table} values (?, ?, make_date(2026, 1, ?), ?, ?)",
                [node, node, day, status, is_whole],
            )

    for table, status in (("test_results", "fail"), ("model_runs", "error")):
        ran(table, "other", 1, "success", is_whole=True)
        ran(table, "failed", 2, status)
        ran(table, "other", 3, "warn")
        refused = loaders.invoke("publish", expect=1).stderr
        assert "not published: failed failed when last run; correct what failed" in refused
        assert not published(loaders).exists()
        ran(table, "failed", 4, "success")
        loaders.invoke("publish")
        published(loaders).unlink()
        ran(table, "removed", 5, status)
        ran(table, "other", 6, "success", is_whole=True)
        loaders.invoke("publish")
        published(loaders).unlink()


def test_make_runs_the_command_that_publishes() -> None:
    printed = subprocess.run(
        ["make", "--dry-run", "build"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    assert "loaders build" in printed
