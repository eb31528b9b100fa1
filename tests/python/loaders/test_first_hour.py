"""A new user's first commands: each does its work or says in one line what to do."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import duckdb
import pytest

from loaders import dbt, seeds
from loaders.commands.demo import log_moment
from loaders.errors import LoaderError, SettingsError, WarehouseHeldError
from loaders.settings import DEMO_WAREHOUSE, warehouse_path
from loaders.warehouse import lock, run_log, upgrade
from loaders.warehouse.file import RawFile, paths_of, reading
from sandbox import Dataset, Fault, Sandbox, serve
from tests.python.conftest import Plant
from tests.python.loaders.conftest import ROOT, RUNS_DBT, Loaders
from tests.support.dbt_in_process import invoke, parsed

WITHOUT_WAREHOUSE = [
    ("status",),
    ("trust",),
    ("export", "csv"),
    ("export", "xlsx"),
    ("publish",),
    ("build",),
    ("dbt", "docs", "generate"),
    ("dbt", "test"),
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


@pytest.fixture
def plant(small_plant: Plant, tmp_path: Path, dataset: Dataset) -> Iterator[Loaders]:
    """A copy of the small plant."""
    sandbox = Sandbox(dataset)
    with serve(sandbox) as url:
        yield Loaders(sandbox, url, small_plant.loaders.copied(tmp_path))


def line(loaders: Loaders, *arguments: str, expect: int) -> str:
    """What a command that fails says: one line on standard error and nothing else."""
    process = loaders.run(*arguments, expect=expect)
    assert process.stdout == ""
    assert process.stderr.count("\n") == 1, process.stderr
    assert process.stderr.startswith("error: ")
    return process.stderr


# No data


def wrong_key(loaders: Loaders) -> int:
    loaders.env["MAINTAINX_API_KEY"] = "another"
    return 2


def wrong_organization(loaders: Loaders) -> int:
    loaders.env["MAINTAINX_ORGANIZATION_IDS"] = "1"
    return 2


def wrong_address(loaders: Loaders) -> int:
    loaders.sandbox.faults.append(Fault(where="/organizations", status=404, times=None))
    return 1


@pytest.mark.parametrize("wrong", [wrong_key, wrong_organization, wrong_address])
def test_a_first_extract_that_can_read_nothing_leaves_no_file(
    loaders: Loaders, wrong: Callable[[Loaders], int]
) -> None:
    line(loaders, "extract", expect=wrong(loaders))
    assert not loaders.raw.exists()


@pytest.mark.parametrize(
    "command",
    ["status", "trust", "build", "reconcile", "dbt docs generate", "dbt test", "dbt seed"],
)
def test_before_anything_is_extracted_a_command_says_so(loaders: Loaders, command: str) -> None:
    raw = RawFile(loaders.warehouse)
    upgrade.prepare(raw)
    run_log.begin_run(raw, "first", "extract")
    run_log.end_run(raw, "first", "failed", 1, "MaintainX refused the key")
    said = line(loaders, *command.split(), expect=2)
    assert "nothing has been extracted yet (the last run is failed: MaintainX refused" in said
    assert "run `make extract` first" in said
    assert loaders.sandbox.requests == []


@pytest.mark.parametrize(
    "command", ["test", "show --inline x", "docs generate", "compile", "debug"]
)
def test_only_a_build_creates_a_warehouse(plant: Loaders, command: str) -> None:
    plant.warehouse.unlink()
    assert "run `make build` first" in line(plant, "dbt", *command.split(), expect=2)
    assert not plant.warehouse.exists()


@pytest.mark.parametrize("variable", ["DBT_TARGET_PATH", "DBT_LOG_PATH"])
@pytest.mark.parametrize("command", ["build", "dbt parse"])
def test_a_folder_that_dbt_cannot_write_is_named(
    loaders: Loaders, command: str, variable: str
) -> None:
    upgrade.prepare(RawFile(loaders.warehouse))
    loaders.env[variable] = "/proc/nothing"
    said = loaders.invoke(*command.split(), expect=1).output
    assert "dbt cannot write its files: /proc/nothing: " in said
    assert said.endswith(f"; set {variable} to a folder that can be written\n")


# Two at once

WRITE = [
    "build",
    "dbt build",
    "dbt run --select dim_teams",
    "dbt seed",
    "dbt test",
    "dbt source freshness",
    "dbt --quiet retry",
    "reconcile",
    "sync --once",
    "demo --work-orders 200",
]


@pytest.mark.parametrize("command", WRITE)
def test_beside_a_build_what_writes_the_warehouse_ends_at_once(
    loaders: Loaders, command: str
) -> None:
    upgrade.prepare(RawFile(loaders.warehouse))
    with lock.held(loaders.warehouse, "build", kind=lock.BUILD):
        said = loaders.run(*command.split(), expect=3).stderr
    assert "is held by `build`" in said
    assert said.count("\n") == 1
    assert loaders.sandbox.requests == []


def test_an_extract_runs_beside_a_build(loaders: Loaders) -> None:
    with lock.held(loaders.warehouse, "build", kind=lock.BUILD):
        loaders.extract("teams", "-q")
    with lock.held(loaders.warehouse, "extract"), dbt.building(loaders.warehouse, "build"):
        pass


def test_who_reads_waits_for_a_build(loaders: Loaders) -> None:
    for command in ("show", "compile", "docs generate", "parse", "ls"):
        assert not dbt.writes(("--quiet", *command.split()))
    with (
        lock.held(loaders.warehouse, "build", kind=lock.BUILD),
        pytest.raises(WarehouseHeldError, match="is held by `build`"),
    ):
        lock.wait_for_build(loaders.warehouse, 0.1, threading.Event())
    lock.wait_for_build(loaders.warehouse, 0, threading.Event())


@RUNS_DBT
def test_of_two_builds_the_second_names_the_first(plant: Loaders) -> None:
    first = plant.start("build")
    try:
        label = plant.warehouse.with_name(f"{plant.warehouse.name}.build.lock")
        while not (label.exists() and label.read_text()):
            assert first.poll() is None
            time.sleep(0.05)
        assert f"`build` (process {first.pid})" in line(plant, "build", expect=3)
    finally:
        first.send_signal(signal.SIGTERM)
        first.communicate(timeout=60)


@RUNS_DBT
def test_a_build_that_dbt_does_not_begin_prints_the_results_of_no_other(loaders: Loaders) -> None:
    loaders.extract("teams", "-q")
    results = Path(loaders.environment_of("build")["DBT_TARGET_PATH"], dbt.RESULTS)
    results.parent.mkdir(exist_ok=True)
    results.write_text(json.dumps({"metadata": {"env": {}}, "results": [node("pass")]}))
    assert "'{as_of: ' is not valid YAML" in line(loaders, "build", "--vars", "{as_of: ", expect=2)
    assert not loaders.warehouse.exists()


def test_results_of_another_run_are_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DBT_TARGET_PATH", str(tmp_path))
    assert dbt._results("one") is None
    written = {"metadata": {"env": {dbt.RUN: "one"}}, "results": [node("pass")]}
    (tmp_path / dbt.RESULTS).write_text(json.dumps(written))
    assert dbt._results("one") == written
    assert dbt._results("two") is None
    assert "0 models" not in dbt.Built(0, None).text


# What a build says


def node(status: str, unique_id: str = "test.project.one.1", message: str = "") -> dict[str, Any]:
    return {"unique_id": unique_id, "status": status, "failures": 2, "message": message}


def test_a_setting_that_is_mistyped_is_named(tmp_path: Path) -> None:
    warehouse = tmp_path / "warehouse.duckdb"
    upgrade.prepare(RawFile(warehouse))
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute(
            "create schema quality; create table quality.dq_settings as"
            " select 'seed crew_hours' as setting, 'weekly_hours' as column_name,"
            " '-' || range as found_value, range = 0 as is_unusable,"
            " '0 hours or more' as allowed from range(12)"
        )
    nodes = [
        node("fail", "test.project.settings_that_cannot_be_used.1"),
        node("warn", "test.project.settings_that_match_nothing.1"),
    ]
    said = dbt.Built(1, nodes, dbt._settings(warehouse, nodes)).text.splitlines()
    found = "    seed crew_hours weekly_hours: found '-{}', allowed is 0 hours or more"
    assert said[1:3] == ["  warned: settings_that_match_nothing, 2 rows", found.format(1)]
    assert said[-3:] == [
        "    and 1 more in quality.dq_settings",
        "  failed: settings_that_cannot_be_used, 2 rows",
        found.format(0),
    ]


def test_text_in_a_column_of_numbers_is_a_line(tmp_path: Path) -> None:
    seed = tmp_path / "crew_hours.csv"
    seed.write_text("organization_id,weekly_hours\nabc,40\n")
    with duckdb.connect() as connection:
        connection.execute("create table crew_hours (organization_id bigint, weekly_hours double)")
        with pytest.raises(duckdb.ConversionException) as failure:
            connection.execute(f"copy crew_hours from '{seed}' (header)")
    header = "Runtime Error in seed crew_hours (seeds/crew_hours.csv)\n"
    message = header + textwrap.indent(str(failure.value), "  ")
    said = dbt.Built(1, [node("error", "seed.project.crew_hours", message)]).text.splitlines()
    assert len(message.splitlines()) > 15
    assert len(said) == 2
    for part in ("crew_hours.csv", "Line: 2", 'column "organization_id"', '"abc"', "BIGINT"):
        assert part in said[1], part


# What is damaged


def cut(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def overwrite(path: Path) -> None:
    path.write_text("damaged" * 1000)


@pytest.mark.parametrize("damage", [cut, overwrite])
def test_a_damaged_warehouse_can_be_deleted(plant: Loaders, damage: Callable[[Path], None]) -> None:
    damage(plant.warehouse)
    out = str(plant.warehouse.with_name("out"))
    for command in ("trust", f"export csv --out {out}", "publish"):
        said = plant.run(*command.split(), expect=1).stderr
        assert said.count("\n") == 1, said
        assert f"{plant.warehouse} is damaged" in said
        assert "delete it and run `make build`" in said


@pytest.mark.parametrize("names", [("warehouse",), ("raw", "warehouse")])
def test_damage_that_only_a_read_meets_is_said_too(tmp_path: Path, names: tuple[str, ...]) -> None:
    warehouse = tmp_path / "warehouse.duckdb"
    upgrade.prepare(RawFile(warehouse))
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("create table numbers as select random() as number from range(1000000)")
    size = warehouse.stat().st_size
    with warehouse.open("r+b") as file:
        file.seek(size // 2)
        file.write(bytes(size // 4))
    told = f"delete (it|{warehouse}) and run `make build`"
    with pytest.raises(LoaderError, match=told), reading(warehouse, *names) as connection:
        connection.execute("select sum(number) from numbers")


def test_damaged_results_can_be_deleted_and_a_damaged_raw_file_cannot(plant: Loaders) -> None:
    overwrite(paths_of(plant.warehouse)["results"])
    assert "results.duckdb is damaged" in line(plant, "dbt", "seed", expect=1)
    overwrite(plant.raw)
    assert "keep it, put a backup in its place" in line(plant, "status", expect=1)


@pytest.mark.parametrize("command", ["check", "status", "publish"])
def test_a_folder_is_no_warehouse(loaders: Loaders, command: str) -> None:
    loaders.env["MAINTAINX_WAREHOUSE"] = str(loaders.warehouse.parent)
    assert f"such as {loaders.warehouse}" in line(loaders, command, expect=2)


# The demo


def test_the_demo_refuses_data_that_it_did_not_load(loaders: Loaders) -> None:
    loaders.extract("teams", "-q")
    rows = loaders.query("select count(*) from raw._runs")
    said = line(loaders, "demo", "--work-orders", "200", expect=2)
    assert "holds data that `make demo` did not load: unset MAINTAINX_WAREHOUSE" in said
    assert loaders.query("select count(*) from raw._runs") == rows


# Seeds


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda text: text.replace(",", ";"), "separate columns with commas, not semicolons"),
        (lambda text: text.replace("opens_at", "opens"), "has no column opens_at: the first line"),
        (lambda text: text + "caf\udce9", "is not UTF-8: save it as CSV in UTF-8"),
        (lambda _: "", "the first line must be organization_id,"),
    ],
)
def test_a_seed_that_cannot_be_read_is_named(
    change: Callable[[str], str], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "seeds"
    shutil.copytree(seeds.SEEDS, folder)
    monkeypatch.setattr(seeds, "SEEDS", folder)
    path = folder / "business_hours.csv"
    text = path.read_text()
    path.write_text(f"\ufeff{text}")
    seeds.require_columns()
    path.write_text(change(text), errors="surrogateescape")
    with pytest.raises(SettingsError, match=re.escape(message)):
        seeds.require_columns()


@RUNS_DBT
def test_the_demo_keeps_the_time_of_its_data_until_another_extract(plant: Loaders) -> None:
    target = plant.warehouse.parent.parent / "dbt"

    def as_of() -> datetime:
        said = invoke(
            plant.warehouse,
            *("run", "--no-write-json", "--target-path", str(target), "--log-path", str(target)),
            *("--select", "stg_maintainx__runs", "+dim_organizations,int_organizations__zoned+"),
            manifest=parsed(target),
        )
        assert said.success, said.text
        ((moment,),) = plant.query("select distinct as_of_at from marts.dim_organizations")
        assert isinstance(moment, datetime)
        return moment

    log_moment(plant.warehouse, datetime(2026, 6, 30, 6, tzinfo=UTC))
    assert as_of() == datetime(2026, 6, 30, 6)
    assert "last run `extract" in plant.run("status").stdout
    plant.run("trust")
    plant.extract("teams", "-q")
    ((newest,),) = plant.query("select max(ended_at) from raw._runs")
    assert as_of() == newest > datetime(2026, 6, 30, 6)


@contextmanager
def kept_parse(loaders: Loaders) -> Iterator[None]:
    """Keep what dbt has parsed during a command with vars, for which it parses anew."""
    path = Path(loaders.environment_of("build")["DBT_TARGET_PATH"], "partial_parse.msgpack")
    former = path.read_bytes() if path.exists() else None
    yield
    if former is not None:
        path.write_bytes(former)


@pytest.mark.slow
@RUNS_DBT
def test_a_build_says_what_it_did_and_publishes(loaders: Loaders) -> None:
    loaders.extract("-q")
    copy = loaders.warehouse.with_name("marts.duckdb")
    with kept_parse(loaders):
        said = line(loaders, "build", "--vars", "as_of: soon", expect=2)
    assert "var as_of must be a date or time" in said
    assert "> in macro" not in said
    for wrong in (("--select", "misspelled"), ("--select", "dim_dates", "--exclude", "misspelled")):
        said = line(loaders, "build", *wrong, expect=2)
        assert "the selection misspelled matches no model, seed or test" in said
    assert "'misspelled'" in loaders.run("dbt", "run", "--select", "misspelled", expect=2).stdout
    with_memory = replace(loaders, env={**loaders.env, "MAINTAINX_MEMORY_LIMIT": "lots"})
    assert "MAINTAINX_MEMORY_LIMIT must be" in line(with_memory, "build", expect=2)
    assert not copy.exists()
    assert not loaders.warehouse.exists()
    built = loaders.run("build", "--select", "+dim_organizations", "--indirect-selection=empty")
    lines = built.stdout.splitlines()
    # Nothing but its own results would do.
    assert re.match(r"[1-9]\d* models and \d+ seeds built; \d+ tests passed", lines[0])
    assert lines[-1].endswith("marts.duckdb: 1 mart published")
    assert len(lines) < 10
    assert copy.exists()
    # dbt inherits the umask of the loaders.
    made = [path for path in copy.parent.iterdir() if path.suffix == ".duckdb"]
    assert {path.name: path.stat().st_mode & 0o777 for path in made} == {
        f"{name}.duckdb": 0o600
        for name in ("marts", "warehouse", "warehouse.raw", "warehouse.results")
    }
    page = loaders.run("dbt", "docs", "generate", "--static", "--no-compile", "--empty-catalog")
    path = page.stdout.splitlines()[-1].removesuffix(" is written: open it in a browser")
    assert "fct_work_orders" in Path(path).read_text()
