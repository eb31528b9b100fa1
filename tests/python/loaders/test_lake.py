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
READER_PROCESSES, READERS_EACH = 2, 10

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

# Readers with a DuckDB each. Half of them keep their connection, the others attach each time. Each
# looks at the start, at the end and in between, and all looks are of whole builds.
READERS = (
    ATTACH
    + """
import threading
schemas, count, stop = arguments[0].split(","), int(arguments[1]), Path(arguments[2])
failed, seen = [], [set() for _ in range(count)]
begun = threading.Barrier(count + 1)
def look(connection, number):
    connection.execute(f"begin; use lake.{schemas[number % len(schemas)]}")
    stamps = connection.execute("select mart, rows, run_id from _published").fetchall()
    (run,) = {run for _, _, run in stamps}
    for mart, rows, _ in stamps:
        figures = "count(*), min(build), max(build)"
        found = connection.execute(f"select {figures} from {mart}").fetchone()
        assert found == (rows, run, run), (mart, found, rows, run)
    connection.execute("commit")
    seen[number].add(run)
def read(number):
    try:
        keeps, connection = number % 4 < 2, attached()
        look(connection, number)
        begun.wait()
        ends = False
        while not ends:
            time.sleep(3)
            ends = stop.exists()
            if not keeps:
                connection.close()
                connection = attached()
            look(connection, number)
    except BaseException as error:
        failed.append(repr(error))
        begun.abort()
threads = [threading.Thread(target=read, args=[number]) for number in range(count)]
for thread in threads:
    thread.start()
try:
    begun.wait()
    print("begun", flush=True)
except threading.BrokenBarrierError:
    pass
for thread in threads:
    thread.join()
assert not failed, failed
print(*map(len, seen))
"""
)

# Builds three small marts, each build with its own number of rows, and publishes them to the lake.
BUILDER = """
import sys
from pathlib import Path
import duckdb
from loaders import settings
from loaders.export.publish import published_marts, to_lake
warehouse, first, last, rows = Path(sys.argv[1]), *map(int, sys.argv[2:])
connection, chosen = duckdb.connect(str(warehouse), config={"threads": 1}), []
connection.execute(
    "attach ':memory:' as raw; create schema if not exists marts;"
    "create table raw._schema_version as select timestamp '2026-01-01 00:00:00' as applied_at"
)
for number in range(first, last + 1):
    connection.execute(
        f"create or replace table raw._runs as select 'build {number}' as run_id,"
        " timestamp '2026-01-01 00:00:00' as ended_at"
    )
    for mart in ("fct_work_requests", "dim_assets", "dim_users"):
        connection.execute(
            f"create or replace table marts.{mart} as select range as id, 'build {number}' as"
            f" build, md5(range::text) as text from range({rows + number})"
        )
    chosen = chosen or published_marts(connection)
    to_lake(connection, settings.lake(), warehouse, chosen)
"""

# Publishes with settings and lakes that are not right, in one process.
PLACES = """
import os, sys
from pathlib import Path
import duckdb
from dbt_common.exceptions import DbtRuntimeError
from loaders.errors import LoaderError
from loaders.export.lake_target import Plugin
builder, warehouse, catalog, data = sys.argv[1:]
def published(lake=catalog, place=data):
    os.environ |= {"MAINTAINX_LAKE": lake, "MAINTAINX_LAKE_DATA": place}
    sys.argv = ["", warehouse, "1", "1", "1"]
    try:
        exec(builder, {})
    except LoaderError as error:
        return str(error)
def run(*statements):
    with duckdb.connect() as connection:
        connection.execute(f"attach '{catalog}' as lake")
        for statement in statements:
            connection.execute(statement)
wrong = data + "/no/folder"
# It leaves no catalog that keeps the wrong place.
assert f"{wrong}: No such file" in published(place=wrong)
assert published() is None
assert "files of another lake" in published(lake=catalog + ".new")
moved = "set MAINTAINX_LAKE_DATA to the path in the catalog"
assert moved in published(place=data + "-elsewhere")
try:
    Plugin.configure_connection(object.__new__(Plugin), duckdb.connect())
    raise AssertionError("the build would begin")
except DbtRuntimeError as error:
    assert moved in str(error)
run("drop table lake.marts.dim_users", "create view lake.marts.dim_users as select 1 as id")
assert "has a view with the name of a mart, dim_users: drop it" in published()
run("drop view lake.marts.dim_users")
for path in Path(data, "marts", "_published").iterdir():
    path.unlink()
assert published() is None
run("from lake.marts._published", "drop table lake.marts._published")
assert "is of something that is no warehouse: set" in published()
run("drop schema lake.marts cascade")
assert published() is None
"""

# Rows of a snapshot that differ from those of a file of published marts, by mart; then the number
# of marts, those of the lake alone, and columns whose type or description is not that of the file.
COMPARED = (
    ATTACH
    + """
file, version = arguments
options = "read_only" if version == "newest" else f"read_only, snapshot_version {version}"
connection = attached(options)
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
    found = connection.execute(
        f"select (select count(*) from {here}) - (select count(*) from {there}),"
        f" (select count(*) from (from {here} except all from {there}))").fetchone()
    assert found == (0, 0), (name, found)
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

    def newest(self) -> str:
        """The id of the newest snapshot that a build made."""
        return self.ask(SNAPSHOTS).split(",")[-1].partition(":")[0]

    def loaders(self, loaders: Loaders, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [str(ENVIRONMENT / "bin" / "python"), "-m", "loaders", *arguments]
        return self._run(loaders, command)

    def build(
        self, loaders: Loaders, target: Path, *arguments: str
    ) -> subprocess.CompletedProcess[str]:
        """dbt itself, with the target `ducklake`; parses the project once for all in `target`."""
        place = ("--target", "ducklake", "--target-path", str(target), "--log-path", str(target))
        return self._run(loaders, [str(ENVIRONMENT / "bin" / "dbt"), "build", *arguments, *place])

    def _run(self, loaders: Loaders, command: list[str]) -> subprocess.CompletedProcess[str]:
        environment = loaders.environment | self.environment
        return subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
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
    options += " -c max_connections=200"
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
        1 if request.param == "sqlite" else 2,
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
    if "sqlite" in lake.catalog:
        # What the target takes where no lake is named: files beside the warehouse.
        lake.catalog = f"ducklake:sqlite:{loaders.warehouse.with_suffix('.lake.sqlite')}"
        del lake.environment["MAINTAINX_LAKE"], lake.environment["MAINTAINX_LAKE_DATA"]
    target = small_plant.folder / "lake-target"
    chosen = ("--select", "dim_organizations", "--exclude-resource-type", "test")
    built = lake.build(loaders, target, *chosen)
    assert built.returncode == 0, built.stdout
    first = lake.newest()
    lake.environment |= {"MAINTAINX_LAKE": "", "MAINTAINX_LAKE_DATA": ""}
    assert lake.loaders(loaders, "publish").returncode == 0
    tables, alone, differing = lake.ask(COMPARED, published, "newest").split(maxsplit=2)
    assert int(tables) > 70
    assert (alone, differing) == ("[]", "0")

    former = published.rename(tmp_path / "former.duckdb")
    with loaders.writable() as connection:
        connection.execute(
            "delete from marts.fct_work_order_costs; drop table marts.mart_bad_actors;"
            "update marts.dim_assets set asset_name = 'of another build';"
            "update marts.dim_users set user_id = 1"
        )
    if "sqlite" in lake.catalog:
        failed = lake.build(loaders, target, "--select", "dim_users,test_name:unique_key")
        assert failed.returncode == 1
        assert "not published: the lake is as before" in failed.stdout
        assert lake.newest() == first
        # As does a build that selects none of what failed.
        refused = lake.loaders(loaders, "publish")
        assert refused.returncode == 1
        assert "failed when last run; correct what failed" in refused.stderr
        assert not published.exists()
        with loaders.writable() as connection:
            connection.execute("delete from quality.test_results where status = 'fail'")
    # The raw file tells whose the lake is, not the name.
    loaders.raw.rename(tmp_path / "other.raw.duckdb")
    loaders.warehouse = loaders.warehouse.rename(tmp_path / "other.duckdb")
    lake.environment |= {
        "MAINTAINX_LAKE": lake.catalog,
        "MAINTAINX_LAKE_DATA": str(
            lake.data if "postgres" in lake.catalog else tmp_path / "warehouse.lake"
        ),
    }
    told = lake.loaders(loaders, "publish")
    assert "marts published as a snapshot" in told.stderr, told.stderr
    assert lake.ask(COMPARED, published, "newest").startswith(f"{int(tables) - 1} [] 0")
    assert lake.ask(COMPARED, former, first) == f"{tables} [] 0"
    script = ATTACH + "print(*attached().sql(arguments[0]).fetchone())"
    renamed = "from lake.marts.dim_assets {} where asset_name = 'of another build'"
    found = f"(select count(*) {renamed.format('')}) > 0"
    before = f"(select count(*) {renamed.format(f'at (version => {first})')})"
    assert lake.ask(script, f"select {found}, {before}") == "True 0"

    with loaders.writable() as connection:
        connection.execute("update raw._schema_version set applied_at = '2026-01-01'")
    refused = lake.loaders(loaders, "publish")
    assert refused.returncode == 2
    assert refused.stderr.count("\n") == 1
    assert "is of other.duckdb, raw file of 20" in refused.stderr


def test_readers_see_whole_builds_through_twenty_builds_and_a_kill(
    lake: Lake, tmp_path: Path
) -> None:
    stop = tmp_path / "stop"
    names = [f"plant_{number}" for number in range(lake.builders)]
    count = BUILDS // lake.builders

    def builder(name: str, first: int, last: int, rows: int = 500) -> subprocess.Popen[str]:
        (tmp_path / name).mkdir(exist_ok=True)
        place = tmp_path / name / "warehouse.duckdb"
        return lake.python(BUILDER, place, first, last, rows, MAINTAINX_LAKE_SCHEMA=name)

    for name in names:
        ended(builder(name, 0, 0))
    processes = [
        lake.python(READERS, lake.catalog, ",".join(names), READERS_EACH, stop)
        for _ in range(READER_PROCESSES)
    ]
    try:
        for readers in processes:
            assert readers.stdout is not None
            assert readers.stdout.readline() == "begun\n", ended(readers)
        for process in [builder(name, 1, count) for name in names]:
            ended(process)
        # The last mart of three: the others are written by then.
        place = lake.data / names[0] / "fct_work_requests"
        former, files = lake.ask(SNAPSHOTS), set(place.glob("*.parquet"))
        process = builder(names[0], count + 1, count + 1, 500_000)
        deadline = time.monotonic() + 120
        while not set(place.glob("*.parquet")) - files:
            assert time.monotonic() < deadline
            assert process.poll() is None
            time.sleep(0.01)
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
        assert lake.ask(SNAPSHOTS) == former
        ended(builder(names[0], count + 2, count + 2))
    finally:
        stop.touch()
    for readers in processes:
        seen = [int(number) for number in ended(readers).split()]
        assert len(seen) == READERS_EACH
        assert min(seen) > 1
        assert max(seen) > 2
    messages = [one.partition(":")[2] for one in lake.ask(SNAPSHOTS).split(",")]
    whole = [f"run build {number}" for number in range(count + 1)] * lake.builders
    assert sorted(messages) == sorted([*whole, f"run build {count + 2}"])


@pytest.mark.parametrize("lake", ["sqlite"], indirect=True)
def test_a_place_that_is_not_its_own_is_refused_and_lost_files_are_written_anew(
    lake: Lake, tmp_path: Path
) -> None:
    data = lake.environment["MAINTAINX_LAKE_DATA"]
    ended(lake.python(PLACES, BUILDER, tmp_path / "warehouse.duckdb", lake.catalog, data))
