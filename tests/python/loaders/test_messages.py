"""What goes wrong around the loaders is one line that says what to do, and no command's end."""

import ast
import errno
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from loaders.errors import LoaderError, explained
from loaders.printing import printable
from loaders.warehouse import lock, upgrade
from loaders.warehouse.file import RawFile
from tests.python.loaders.conftest import ROOT, Loaders
from tests.python.loaders.hostile import Answer, Hostile, serving

QUICK = ("-q", "--timeout", "0.1s")
OBEYED = "\x1b]0;title\x07\x1b[31m\x9b31m\u202e"
SHOWN = r"\x1b]0;title\x07\x1b[31m\x9b31m\u202e"
PROXY = dict.fromkeys(["ALL_PROXY", "HTTP_PROXY", "http_proxy", "all_proxy", "NO_PROXY"])


@pytest.fixture
def hostile() -> Hostile:
    return Hostile()


@pytest.fixture
def plant(loaders: Loaders, hostile: Hostile) -> Iterator[Loaders]:
    """The command line against a server that answers anything."""
    with serving(hostile) as url:
        loaders.url = url
        yield loaders


def built(loaders: Loaders) -> None:
    """A warehouse with one mart."""
    with duckdb.connect(str(loaders.warehouse)) as connection:
        connection.execute(
            "create schema marts; create table marts.dim_teams as select 1 as team_id"
        )


def line(loaders: Loaders, *arguments: str, expect: int) -> str:
    """The last line that a command says on standard error; no traceback before it."""
    err = loaders.run(*arguments, expect=expect).stderr
    assert "Traceback" not in err
    assert err.splitlines()[-1].startswith("error: "), err
    return err.splitlines()[-1]


@pytest.mark.parametrize(
    ("env", "told"),
    [
        ({"ALL_PROXY": "socks5://user:secret@127.0.0.1:1"}, "the proxy of ALL_PROXY"),
        ({"HTTP_PROXY": "gopher://127.0.0.1:1"}, "the proxy of HTTP_PROXY"),
        ({"SSL_CERT_FILE": "/absent"}, "SSL_CERT_FILE"),
        ({"SSL_CERT_FILE": __file__}, "SSL_CERT_FILE"),
        ({"MAINTAINX_BASE_URL": "https://user:secret@127.0.0.1:1/v1"}, "a user or a password"),
        ({"MAINTAINX_BASE_URL": "https://[::1/v1"}, "must be an address such as https://"),
        ({"MAINTAINX_BASE_URL": "https://127.0.0.1:99999/v1"}, "must be an address"),
        ({"MAINTAINX_BASE_URL": "https://127.0.0.1/v1?key=1"}, "must be an address"),
        ({"MAINTAINX_BASE_URL": "https://a b/v1"}, "must be an address"),
        ({"MAINTAINX_ORGANIZATION_IDS": "9" * 30}, "MAINTAINX_ORGANIZATION_IDS must be numbers"),
    ],
)
def test_a_wrong_setting_ends_with_2(plant: Loaders, env: dict[str, str | None], told: str) -> None:
    plant.env = {**PROXY, **env}
    said = line(plant, "extract", *QUICK, expect=2)
    assert told in said
    assert "secret" not in said


def test_a_redirect_is_followed_by_the_user_and_not_tried_again(
    plant: Loaders, hostile: Hostile
) -> None:
    hostile.rules["/organizations"] = Answer(
        "", 302, {"location": "https://login.example.com/sso?token=secret"}
    )
    said = line(plant, "check", *QUICK, expect=1)
    assert "redirected to https://login.example.com/sso" in said
    assert "secret" not in said
    assert len(hostile.requests) == 1


def test_a_base_url_without_its_version_is_said(plant: Loaders, hostile: Hostile) -> None:
    hostile.rules["/organizations"] = Answer({"error": "Not found"}, 404)
    base = plant.url.removesuffix("/v1")
    plant.env = {"MAINTAINX_BASE_URL": base}
    assert f"is MAINTAINX_BASE_URL {base}/v1?" in line(plant, "check", *QUICK, expect=1)
    plant.env = {}
    assert "MAINTAINX_BASE_URL" not in line(plant, "check", *QUICK, expect=1)


def test_names_and_messages_do_not_command_the_terminal(plant: Loaders, hostile: Hostile) -> None:
    hostile.records["/organizations"] = [{"id": 7, "name": f"Plant {OBEYED}\nline"}]
    hostile.rules["/teams"] = Answer({"error": OBEYED}, 422)
    said = [
        plant.run(*command, expect=code)
        for command, code in (
            (("check", "teams", "users", "-q"), 1),
            (("extract", "teams", "users"), 1),
            (("extract", "teams", "users", "--log-format", "json"), 1),
            (("status",), 1),
            (("trust",), 1),
        )
    ]
    assert [SHOWN in process.stdout for process in said] == [True, True, True, True, False]
    assert f"organization 7 Plant {SHOWN} line\n" in said[0].stdout
    for process in said:
        assert printable(process.stdout + process.stderr) == process.stdout + process.stderr


@pytest.mark.parametrize("command", [("status",), ("trust", "--json"), ("extract", "--help")])
def test_a_full_standard_output_is_said(loaders: Loaders, command: tuple[str, ...]) -> None:
    loaders.extract("teams", "-q")
    process = subprocess.run(
        ["bash", "-c", 'exec "$0" -m loaders "$@" > /dev/full', sys.executable, *command],
        cwd=ROOT,
        env=loaders.environment,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    assert process.returncode == 1
    assert "free disk space" in process.stderr
    assert process.stderr.count("\n") == 1, process.stderr


@pytest.mark.parametrize("raised", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
def test_a_full_disk_is_said_whoever_finds_it(raised: int) -> None:
    said = explained(OSError(raised, os.strerror(raised), "file.undo.new"), "it was not written")
    assert str(said).startswith("it was not written: file.undo.new: ")
    assert str(said).endswith("free disk space, then run again (nothing is lost)")
    found = duckdb.IOException(f'IO Error: Could not write file "x": {os.strerror(raised)}')
    assert "free disk space" in str(explained(found))
    assert explained(ValueError("a defect")) is None


def test_no_room_for_the_undo_file_is_a_line_and_the_next_run_goes_on(loaders: Loaders) -> None:
    upgrade.prepare(RawFile(loaders.warehouse))
    undo = loaders.raw.with_name(f"{loaders.raw.name}.undo")
    undo.unlink(missing_ok=True)
    # What is written to it does not fit, as on a full disk.
    new = undo.with_name(f"{undo.name}.new")
    new.symlink_to("/dev/full")
    for command in (("extract", "teams", *QUICK), ("reconcile", "teams", *QUICK)):
        said = line(loaders, *command, expect=1)
        assert f"{loaders.raw.name} could not be written" in said
        assert "free disk space" in said
    loaders.run("status", expect=None)
    new.unlink()
    loaders.extract("teams", "-q")


def test_sync_goes_on_after_a_full_disk(loaders: Loaders) -> None:
    upgrade.prepare(RawFile(loaders.warehouse))
    undo = loaders.raw.with_name(f"{loaders.raw.name}.undo")
    undo.unlink(missing_ok=True)
    undo.with_name(f"{undo.name}.new").symlink_to("/dev/full")
    process = subprocess.Popen(
        [sys.executable, "-m", "loaders", "sync", "--every", "0.1s"],
        cwd=ROOT,
        env=loaders.environment,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    failed = 0
    while failed < 2:
        said = process.stderr.readline()
        assert said
        assert "Traceback" not in said
        failed += "the extract failed" in said and "free disk space" in said
    process.send_signal(signal.SIGTERM)
    assert "Traceback" not in process.communicate(timeout=60)[1]
    assert process.returncode in (0, -signal.SIGTERM)


@pytest.mark.parametrize("command", ["status", "trust", "export csv", "publish", "dbt parse"])
def test_a_folder_that_may_not_be_entered_is_said(loaders: Loaders, command: str) -> None:
    loop = loaders.warehouse.parent / "loop"
    loop.symlink_to(loop)
    loaders.env["MAINTAINX_WAREHOUSE"] = str(loop / "warehouse.duckdb")
    process = loaders.run(*command.split(), expect=None)
    assert process.returncode in (1, 2)
    assert process.stderr.count("\n") == 1, process.stderr


def test_commands_that_read_write_nothing(loaders: Loaders) -> None:
    folder = loaders.warehouse.parent
    upgrade.prepare(RawFile(loaders.warehouse))
    built(loaders)
    before = {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}
    for command in (("status",), ("status", "--json"), ("trust",), ("check", "teams")):
        loaders.run(*command, expect=None)
    assert {path.name: path.stat().st_mtime_ns for path in folder.iterdir()} == before


def test_a_tilde_is_the_home_folder(loaders: Loaders) -> None:
    home = loaders.warehouse.parent
    loaders.env = {"HOME": str(home), "MAINTAINX_WAREHOUSE": "~/warehouse.duckdb"}
    loaders.extract("teams", "-q")
    assert (home / "warehouse.raw.duckdb").exists()
    assert not (ROOT / "~").exists()


@pytest.mark.parametrize("command", ["extract", "build", "status", "demo --work-orders 200"])
def test_a_mistyped_folder_is_said_and_not_created(loaders: Loaders, command: str) -> None:
    folder = loaders.warehouse.parent / "mistyped"
    loaders.warehouse = folder / "warehouse.duckdb"
    said = line(loaders, *command.split(), expect=2)
    assert said.startswith("error: there is no folder ")
    assert "create it, or correct MAINTAINX_WAREHOUSE" in said
    assert not folder.exists()
    assert loaders.sandbox.requests == []


def test_a_link_to_a_warehouse_has_its_lock_and_its_raw_file(loaders: Loaders) -> None:
    loaders.extract("teams", "-q")
    link = loaders.warehouse.parent / "elsewhere" / "link.duckdb"
    link.parent.mkdir()
    link.symlink_to(loaders.warehouse)
    loaders.env = {"MAINTAINX_WAREHOUSE": str(link)}
    with lock.held(loaders.warehouse, "test"):
        assert "is held by `test`" in line(loaders, "extract", "teams", *QUICK, expect=3)
    loaders.run("status")
    assert [path.name for path in link.parent.iterdir()] == ["link.duckdb"]


def test_links_in_a_folder_of_exports_harm_nothing(loaders: Loaders) -> None:
    built(loaders)
    out, other = loaders.warehouse.parent / "out", loaders.warehouse.parent / "other"
    for folder in (out, other):
        folder.mkdir()
    (other / "file").write_text("kept")
    (out / ".unfinished").symlink_to(other)
    loaders.run("export", "csv", "dim_teams", "--out", str(out))
    assert (out / "dim_teams.csv").exists()
    (out / ".unfinished").write_text("a file")
    loaders.run("export", "csv", "dim_teams", "--out", str(out))
    (out / ".unfinished.lock").unlink()
    (out / ".unfinished.lock").symlink_to(other / "file")
    line(loaders, "export", "csv", "dim_teams", "--out", str(out), expect=2)
    assert (other / "file").read_text() == "kept"
    (out / ".unfinished.lock").unlink()
    (out / "dim_teams.csv").unlink()
    (out / "dim_teams.csv").mkdir()
    said = line(loaders, "export", "csv", "dim_teams", "--out", str(out), expect=1)
    assert "dim_teams.csv: Is a directory" in said


DIE_OF_CTRL_C = """
import os, signal, sys, threading
from loaders.commands.main import main
from loaders.export import files

# A shell ignores the signal for what it runs in the background.
signal.signal(signal.SIGINT, signal.default_int_handler)

def write(self, connection, chosen, *_arguments):
    threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT)).start()
    connection.execute("select sum(a.range * b.range) from range(1000000) a, range(1000000) b")

files.CsvWriter.__call__ = write
main(["export", "csv", "dim_teams", "--out", sys.argv[1]])
"""


def test_ctrl_c_in_a_query_of_an_export_is_a_line(loaders: Loaders) -> None:
    built(loaders)
    out = loaders.warehouse.parent / "out"
    process = subprocess.run(
        [sys.executable, "-c", DIE_OF_CTRL_C, str(out)],
        cwd=ROOT,
        env=loaders.environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (process.returncode, process.stderr.strip()) == (1, "Aborted!")
    assert [path.name for path in out.iterdir()] == [".unfinished.lock"]


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        ("alter table raw._run_resources drop column error", "the column error of raw._run_res"),
        ("alter table raw.teams drop column _run_id", "the column _run_id of raw.teams"),
        ("drop table raw._rejects", "the table raw._rejects"),
    ],
)
def test_what_a_raw_file_lacks_is_said_before_anything_is_read(
    loaders: Loaders, damage: str, told: str
) -> None:
    loaders.extract("teams", "-q")
    loaders.sandbox.requests.clear()
    with RawFile(loaders.warehouse).transaction() as connection:
        connection.execute(damage)
    said = line(loaders, "extract", "teams", *QUICK, expect=1)
    assert told in said
    assert "put a backup in its place" in said
    assert loaders.sandbox.requests == []
    if "teams" not in damage:
        assert told in line(loaders, "status", expect=1)


@pytest.mark.parametrize("version", ["null", "-1"])
def test_a_version_that_is_none_is_upgraded(loaders: Loaders, version: str) -> None:
    raw = RawFile(loaders.warehouse)
    upgrade.prepare(raw)
    with raw.transaction() as connection:
        connection.execute(f"update raw._schema_version set version = {version}")
    assert upgrade.is_behind(loaders.warehouse)
    upgrade.prepare(raw)
    assert not upgrade.is_behind(loaders.warehouse)


@pytest.mark.parametrize("content", ["[]", "7", "{", '{"pid": 1}', "\udcff"])
def test_a_lock_file_may_hold_anything(tmp_path: Path, content: str) -> None:
    warehouse = tmp_path / "warehouse.duckdb"
    with lock.held(warehouse, "test"):
        place = tmp_path / "warehouse.duckdb.lock"
        place.write_bytes(content.encode(errors="surrogateescape"))
        with pytest.raises(LoaderError, match="held by another run"), lock.held(warehouse, "two"):
            pass


@pytest.mark.parametrize(
    "options",
    [("sync", "--every", "99999999d"), ("extract", "--timeout", "2d")],
    ids=" ".join,
)
def test_a_wait_that_the_system_cannot_take_is_refused(
    loaders: Loaders, options: tuple[str, ...]
) -> None:
    assert "is too long; the longest is" in loaders.run(*options, expect=2).stderr


# Errors of any kind: at the command line, and from one thread to another.
EVERYTHING_CAUGHT = {"loaders/commands/main.py": 1, "loaders/maintainx/client.py": 1}


def test_errors_of_any_kind_are_caught_in_one_place() -> None:
    """Elsewhere an except names what it expects, and a defect is not taken for a full disk."""
    found: dict[str, int] = {}
    for path in sorted((ROOT / "loaders").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ExceptHandler) and (
                node.type is None or {"Exception", "BaseException"} & names(node.type)
            ):
                name = str(path.relative_to(ROOT))
                found[name] = found.get(name, 0) + 1
    assert found == EVERYTHING_CAUGHT


def test_everything_is_printed_by_one_function() -> None:
    """It takes from names of MaintainX what a terminal obeys."""
    found = [
        str(path.relative_to(ROOT))
        for path in sorted((ROOT / "loaders").rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and {"echo", "secho", "print"} & names(node.func)
    ]
    assert found == ["loaders/printing.py"]


def names(node: ast.expr) -> set[str]:
    return {
        one.id if isinstance(one, ast.Name) else one.attr
        for one in ast.walk(node)
        if isinstance(one, ast.Name | ast.Attribute)
    }
