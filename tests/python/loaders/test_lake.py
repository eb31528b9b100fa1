"""The lake: whole builds for many readers, from many builders, and earlier builds by snapshot.

DuckLake is an extension of DuckDB. The environment of `make test-bigquery` has it as a package,
with the DuckDB that it fits; so what reads or writes a lake runs there, as a process.
"""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.python.conftest import Plant
from tests.python.loaders.conftest import ROOT, Loaders

ENVIRONMENT = ROOT / ".venv-bigquery"
POSTGRES = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
BUILDS = 20

# Attaches the lake as docs/ducklake.md says.
ATTACH = """
import sys, time
from pathlib import Path
import duckdb
catalog, arguments = sys.argv[1], sys.argv[2:]
def attached(options="read_only"):
    connection = duckdb.connect(config={"threads": 1})
    connection.execute("set enable_progress_bar = false")
    connection.execute(f"attach '{catalog}' as lake ({options})")
    return connection
"""

# Half of the readers keep their connection, the others attach the lake each time.
READER = (
    ATTACH
    + """
schema, stop, keeps = arguments[0], Path(arguments[1]), arguments[2] == "keeps"
connection, looks, seen = attached(), 0, set()
while not stop.exists():
    time.sleep(4)
    if not keeps:
        connection.close()
        connection = attached()
    connection.execute(f"begin; use lake.{schema}")
    stamps = connection.execute("select mart, rows, run_id from _published").fetchall()
    (run,) = {run for _, _, run in stamps}
    for mart, rows, _ in stamps:
        figures = "count(*), min(build), max(build)"
        found = connection.execute(f"select {figures} from {mart}").fetchone()
        assert found == (rows, run, run), (mart, found, rows, run)
    connection.execute("commit")
    looks += 1
    seen.add(run)
print(looks, len(seen))
"""
)

# Builds three small marts, each build with its own number of rows, and publishes them.
BUILDER = """
import sys
from pathlib import Path
import duckdb
from loaders import settings
from loaders.export.publish import publish
warehouse, first, last, rows = Path(sys.argv[1]), *map(int, sys.argv[2:])
for number in range(first, last + 1):
    with duckdb.connect(str(warehouse), config={"threads": 1}) as connection:
        connection.execute(f"attach '{warehouse.with_suffix('.raw.duckdb')}' as raw")
        connection.execute("create schema if not exists marts")
        connection.execute(
            f"create or replace table raw._runs as select 'build {number}' as run_id,"
            " timestamp '2026-01-01 00:00:00' as ended_at"
        )
        for mart in ("fct_work_requests", "dim_assets", "dim_users"):
            connection.execute(
                f"create or replace table marts.{mart} as select range as id, 'build {number}' as"
                f" build, md5(range::text) as text from range({rows + number})"
            )
    publish(warehouse, lake=settings.lake())
"""

# Rows that differ from those of a file of published marts, by mart; then what was not compared.
COMPARED = (
    ATTACH
    + """
file, version = arguments
connection = attached(f"read_only, snapshot_version {version}")
connection.execute(f"attach '{file}' as file (read_only)")
def tables(database):
    return {name for (name,) in connection.execute(
        "select table_name from duckdb_tables() where database_name = ?", [database]).fetchall()}
def columns(database):
    return set(connection.execute(
        "select table_name, column_name, data_type, comment from duckdb_columns() where"
        " database_name = ? and table_name != '_published'", [database]).fetchall())
for name in sorted(tables("file") - {"_published"}):
    here, there = f"file.main.{name}", f"lake.marts.{name}"
    (count,) = connection.execute(
        f"select count(*) from ((from {here} except all from {there})"
        f" union all (from {there} except all from {here}))").fetchone()
    assert not count, (name, count)
print(len(tables("file")), sorted(tables("lake") - tables("file")),
      len(columns("file") - columns("lake")))
"""
)

SNAPSHOTS = (
    ATTACH
    + """
rows = attached().execute(
    "select snapshot_id, commit_message from lake.snapshots() where commit_message is not null"
    " order by 1").fetchall()
print(*(f"{version}:{message}" for version, message in rows), sep=",")
"""
)

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not list(ENVIRONMENT.glob("lib/python*/site-packages/duckdb_extension_ducklake")),
        reason="`make test-bigquery` makes the environment that has DuckLake",
    ),
]


@dataclass
class Lake:
    """A lake, and the environment of what reads or writes it."""

    catalog: str
    data: Path
    builders: int
    readers: int
    environment: dict[str, str]

    def python(self, script: str, *arguments: object, **more: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [str(ENVIRONMENT / "bin" / "python"), "-c", script, *map(str, arguments)],
            cwd=ROOT,
            env=self.environment | more,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def ask(self, script: str, *arguments: object, **more: str) -> str:
        return ended(self.python(script, self.catalog, *arguments, **more))

    def loaders(self, loaders: Loaders, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(ENVIRONMENT / "bin" / "python"), "-m", "loaders", *arguments],
            cwd=ROOT,
            env=loaders.environment | self.environment,
            capture_output=True,
            text=True,
            check=False,
        )


def ended(process: subprocess.Popen[str]) -> str:
    """What a process printed, which must end well."""
    out, err = process.communicate(timeout=300)
    assert process.returncode == 0, err
    return out.strip()


@pytest.fixture(scope="module")
def postgres() -> Iterator[Path]:
    """A Postgres of the test's own, without a port; its socket is in the folder."""
    if not POSTGRES:
        pytest.skip("there is no Postgres: apt-get install postgresql")
    # Postgres does not run as root, and nobody else gets into pytest's folders.
    folder = Path(tempfile.mkdtemp(prefix="lake"))
    user = "postgres" if os.getuid() == 0 else pwd.getpwuid(os.getuid()).pw_name
    shutil.chown(folder, user)

    def run(name: str, *arguments: str) -> None:
        command = [str(POSTGRES[-1] / name), *arguments]
        subprocess.run(command, user=user, cwd=folder, check=True, stdout=subprocess.DEVNULL)

    server = ("--pgdata", str(folder / "data"))
    run("initdb", *server, "--auth=trust", "--username=lake", "--no-sync")
    options = f"-c listen_addresses= -c unix_socket_directories={folder} -c fsync=off"
    run("pg_ctl", *server, "--log", str(folder / "log"), "--options", options, "--wait", "start")
    try:
        yield folder
    finally:
        run("pg_ctl", *server, "--mode", "immediate", "stop")
        shutil.rmtree(folder)


@pytest.fixture(params=["sqlite", "postgres"])
def lake(request: pytest.FixtureRequest, tmp_path: Path) -> Lake:
    extensions = tmp_path / "home" / ".duckdb" / "extensions"
    for path in ENVIRONMENT.glob("lib/python*/site-packages/duckdb_extension_*/extensions/*/*"):
        # DuckDB looks for a file in the folder of its version and platform.
        platform = extensions / path.parent.name / platform_name()
        platform.mkdir(parents=True, exist_ok=True)
        (platform / path.name).symlink_to(path)
    catalog = f"ducklake:sqlite:{tmp_path / 'lake.sqlite'}"
    if request.param == "postgres":
        folder: Path = request.getfixturevalue("postgres")
        name = f"lake_{os.urandom(4).hex()}"
        subprocess.run(
            [str(POSTGRES[-1] / "createdb"), "-h", str(folder), "-U", "lake", name], check=True
        )
        catalog = f"ducklake:postgres:dbname={name} host={folder} user=lake"
    return Lake(
        catalog,
        tmp_path / "data",
        # SQLite lets one program write at a time.
        *((1, 20) if request.param == "sqlite" else (2, 6)),
        {
            **os.environ,
            "HOME": str(tmp_path / "home"),
            "MAINTAINX_LAKE": catalog,
            "MAINTAINX_LAKE_DATA": str(tmp_path / "data"),
        },
    )


def platform_name() -> str:
    """What DuckDB calls this machine."""
    script = "import duckdb; print(duckdb.sql('pragma platform').fetchone()[0])"
    python = str(ENVIRONMENT / "bin" / "python")
    return subprocess.check_output([python, "-c", script], text=True).strip()


def test_every_mart_is_that_of_the_build_and_an_earlier_build_is_an_earlier_snapshot(
    small_plant: Plant, lake: Lake, tmp_path: Path
) -> None:
    loaders = Loaders(small_plant.loaders.sandbox, "", small_plant.loaders.copied(tmp_path))
    published = tmp_path / "marts.duckdb"
    told = lake.loaders(loaders, "publish")
    assert "marts published as a snapshot" in told.stderr, told.stderr
    (first,) = (one.partition(":")[0] for one in lake.ask(SNAPSHOTS).split(","))
    tables, alone, differing = lake.ask(COMPARED, published, first).split(maxsplit=2)
    assert int(tables) > 70
    assert (alone, differing) == ("[]", "0")

    former = published.rename(tmp_path / "former.duckdb")
    with loaders.writable() as connection:
        connection.execute(
            "delete from marts.fct_work_order_costs; drop table marts.mart_bad_actors;"
            "update marts.dim_assets set asset_name = 'of another build'"
        )
    told = lake.loaders(loaders, "publish")
    assert told.returncode == 0, told.stderr
    second = lake.ask(SNAPSHOTS).split(",")[-1].partition(":")[0]
    assert lake.ask(COMPARED, published, second).startswith(f"{int(tables) - 1} [] 0")
    assert lake.ask(COMPARED, former, first) == f"{tables} [] 0"
    script = ATTACH + "print(attached().sql(arguments[0]).fetchone()[0])"
    renamed = "from lake.marts.dim_assets where asset_name = 'of another build'"
    before = renamed.replace(" where", f" at (version => {first}) where")
    assert lake.ask(script, f"select count(*) > 0 {renamed}") == "True"
    assert lake.ask(script, f"select count(*) {before}") == "0"

    loaders.raw.rename(tmp_path / "other.raw.duckdb")
    loaders.warehouse = loaders.warehouse.rename(tmp_path / "other.duckdb")
    published.unlink()
    refused = lake.loaders(loaders, "publish")
    assert refused.returncode == 2
    assert refused.stderr.count("\n") == 1
    assert "is a copy of warehouse.duckdb: set MAINTAINX_LAKE_SCHEMA" in refused.stderr


def test_readers_see_whole_builds_through_twenty_builds(lake: Lake, tmp_path: Path) -> None:
    stop = tmp_path / "stop"
    builds = []
    for number in range(lake.builders):
        (tmp_path / str(number)).mkdir()
        schema = {"MAINTAINX_LAKE_SCHEMA": f"plant_{number}"}
        place = tmp_path / str(number) / "warehouse.duckdb"
        ended(lake.python(BUILDER, place, 0, 0, 500, **schema))
        builds.append((place, schema))
    readers = [
        lake.python(
            READER,
            lake.catalog,
            f"plant_{number % lake.builders}",
            stop,
            "keeps" if number % 4 < 2 else "attaches",
        )
        for number in range(lake.readers)
    ]
    count = BUILDS // lake.builders
    builders = [lake.python(BUILDER, place, 1, count, 500, **schema) for place, schema in builds]
    try:
        for builder in builders:
            ended(builder)
    finally:
        stop.touch()
    for reader in readers:
        looks, seen = map(int, ended(reader).split())
        assert looks >= seen > 1
    messages = [one.partition(":")[2] for one in lake.ask(SNAPSHOTS).split(",")]
    assert sorted(messages) == sorted([f"run build {n}" for n in range(count + 1)] * lake.builders)


def test_killed_midway_the_former_snapshot_stands(lake: Lake, tmp_path: Path) -> None:
    warehouse = tmp_path / "warehouse.duckdb"
    ended(lake.python(BUILDER, warehouse, 0, 0, 500))
    # The last mart of three: the others are written by then.
    place = lake.data / "marts" / "fct_work_requests"
    former, files = lake.ask(SNAPSHOTS), set(place.glob("*.parquet"))
    process = lake.python(BUILDER, warehouse, 1, 1, 500_000)
    deadline = time.monotonic() + 120
    while not set(place.glob("*.parquet")) - files:
        assert time.monotonic() < deadline
        assert process.poll() is None
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    assert lake.ask(SNAPSHOTS) == former
    script = ATTACH + "print(attached().sql('from lake.marts.dim_assets').count('*').fetchone()[0])"
    assert lake.ask(script) == "500"
    ended(lake.python(BUILDER, warehouse, 2, 2, 500))
    assert lake.ask(SNAPSHOTS).endswith(":run build 2")
    assert lake.ask(script) == "502"
