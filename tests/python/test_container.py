"""The container: the steps of the Dockerfile, run as a script, make what runs.

No container engine is needed: folders stand for those of the image, the user of the test for its
user, and an environment of its own for the Python of the base image.
"""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml  # type: ignore[import-untyped]

from sandbox import KEY, Sandbox, serve
from sandbox import build as build_dataset
from tests.support.dbt_in_process import ROOT


def steps() -> list[tuple[str, str]]:
    lines = (ROOT / "Dockerfile").read_text().replace("\\\n", " ").splitlines()
    found = [line.partition(" ") for line in lines if line and not line.startswith("#")]
    return [(instruction, rest) for instruction, _, rest in found]


def only(instruction: str) -> str:
    (found,) = [rest for name, rest in steps() if name == instruction]
    return found


def variables() -> dict[str, str]:
    return dict(pair.split("=", 1) for pair in shlex.split(only("ENV")))


def copied() -> list[str]:
    """What `COPY . .` copies: .dockerignore leaves out all but some files and folders."""
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    patterns = [line for line in lines if line and not line.startswith("#")]
    assert patterns[0] == "*"
    return [line[1:].rstrip("/") for line in patterns if line.startswith("!")]


def test_the_composition_mounts_what_the_image_writes() -> None:
    compose: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
    assert list(compose["volumes"]) == ["warehouse"]
    for service in compose["services"].values():
        assert service["read_only"] is True
        mounts = dict(mount.split(":", 1) for mount in service["volumes"])
        assert mounts.pop("warehouse") == only("VOLUME")
        for folder, place in mounts.items():
            assert (ROOT / folder).is_dir()
            assert place == f"{only('WORKDIR')}/{folder.removeprefix('./')}:ro"
    written = {name: value for name, value in variables().items() if value.startswith("/")}
    assert set(written) == {"MAINTAINX_WAREHOUSE", "DBT_TARGET_PATH", "DBT_LOG_PATH", "HOME"}
    places = (only("VOLUME"), compose["services"]["sync"]["tmpfs"])
    assert all(value.startswith(places) for value in written.values())
    assert int(only("USER").partition(":")[0]) > 0


@pytest.mark.slow
@pytest.mark.xdist_group("runs_dbt")
def test_the_steps_of_the_image_make_what_writes_to_its_volume_only(tmp_path: Path) -> None:
    app, python, data, scratch = (tmp_path / name for name in ("app", "python", "data", "tmp"))
    places = {only("USER").partition(":")[0]: os.getuid(), only("VOLUME"): data}
    subprocess.run([sys.executable, "-m", "venv", python], check=True)
    app.mkdir()
    scratch.mkdir()
    for instruction, rest in steps():
        if instruction == "COPY" and rest == ". .":
            for name in copied():
                source, target = ROOT / name, app / name
                target.parent.mkdir(parents=True, exist_ok=True)
                if source.is_dir():
                    shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
                else:
                    shutil.copy(source, target)
        elif instruction == "COPY":
            name, place = rest.split()
            (app / place).mkdir(parents=True)
            shutil.copy(ROOT / name, app / place)
        elif instruction == "RUN":
            path = f"{python / 'bin'}:{os.environ['PATH']}"
            command = ["bash", "-ec", put(rest, places)]
            subprocess.run(command, check=True, cwd=app, env=os.environ | {"PATH": path})
    subprocess.run(["chmod", "-R", "a-w", app], check=True)
    places["/tmp"] = scratch  # noqa: S108
    environment = {name: put(value, places) for name, value in variables().items()}
    entry = yaml.safe_load(only("ENTRYPOINT"))
    command = [str(python / "bin" / entry[0]), *entry[1:], "sync", "--once"]
    assert yaml.safe_load(only("CMD"))[0] == "sync"
    if os.getuid() == 0:
        # Without these, root may write where the permissions forbid it.
        command = ["setpriv", "--bounding-set=-all", *command]
    with serve(Sandbox(build_dataset(200))) as url:
        environment |= {"MAINTAINX_API_KEY": KEY, "MAINTAINX_BASE_URL": url, "PATH": os.defpath}
        process = subprocess.run(
            command, cwd=app, env=environment, capture_output=True, text=True, check=False
        )
    subprocess.run(["chmod", "-R", "u+w", app], check=True)
    assert process.returncode == 0, process.stderr
    made = {path.name for path in data.iterdir()}
    assert made >= {"warehouse.duckdb", "warehouse.raw.duckdb", "marts.duckdb", "dashboard.html"}
    with duckdb.connect(str(data / "marts.duckdb"), read_only=True) as connection:
        (orders,) = connection.execute("select count(*) from fct_work_orders").fetchall()[0]
    assert orders > 150


def put(text: str, places: dict[str, Any]) -> str:
    """The text, with what stands here for users and folders of the image."""
    return re.sub("|".join(places), lambda found: str(places[found[0]]), text)
