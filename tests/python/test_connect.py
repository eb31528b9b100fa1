"""docs/connect.md: the examples of "What runs in our tests" run as they stand and count right."""

import re
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from tests.python.conftest import Plant
from tests.python.loaders.conftest import Loaders

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "connect.md").read_text()
EXAMPLE = re.compile(r"^### ([^\n]+)$[^#]*?^```(sh|python)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
EXAMPLES = [match.groups() for match in EXAMPLE.finditer(PAGE)]


def test_each_tool_of_the_page_has_an_example() -> None:
    section = PAGE.partition("## What runs in our tests")[2].partition("\n## ")[0]
    assert [*(title for title, _, _ in EXAMPLES), "Excel"] == re.findall(
        r"^### (.+)$", section, re.M
    )


@pytest.fixture(scope="module")
def folder(small_plant: Plant, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a published copy."""
    folder = tmp_path_factory.mktemp("connect")
    Loaders(small_plant.loaders.sandbox, "", small_plant.loaders.copied(folder)).run("publish")
    return folder


@pytest.mark.slow
@pytest.mark.parametrize(("title", "language", "text"), EXAMPLES, ids=lambda value: value[:12])
def test_the_example_runs(folder: Path, title: str, language: str, text: str) -> None:
    with duckdb.connect(str(folder / "marts.duckdb"), read_only=True) as connection:
        count = "select count(*) from fct_work_orders where is_counted"
        expected = connection.execute(count).fetchall()[0][0]
        statuses = connection.execute(f"{count} group by status").fetchall()
    command = [sys.executable, "-c", text]
    if language == "sh":
        command = ["bash", "-c", f"PATH={Path(sys.executable).parent}:$PATH; {text}"]
    said = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert said.returncode == 0, said.stderr
    if language == "sh":
        assert all(f" {count} " in said.stdout for (count,) in statuses), title
    else:
        assert said.stdout.strip() == str(expected), title


@pytest.mark.slow
@pytest.mark.parametrize(("read_only", "code"), [(True, 0), (False, 1)])
def test_only_a_tool_that_writes_locks_others_out(folder: Path, read_only: bool, code: int) -> None:
    opens = "import duckdb; marts = duckdb.connect('marts.duckdb', read_only={})"
    holder = subprocess.Popen(
        [sys.executable, "-c", f"{opens.format(read_only)}; print('open', flush=True); input()"],
        cwd=folder,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdout
    assert holder.stdout.readline() == "open\n"
    other = [sys.executable, "-c", opens.format(True)]
    found = subprocess.run(other, cwd=folder, capture_output=True, check=False).returncode
    holder.communicate("\n")
    assert found == code
