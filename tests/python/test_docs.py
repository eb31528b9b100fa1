"""The documentation: links resolve, selects run, the README's answers are those of the demo."""

import re
from functools import cache
from pathlib import Path

import duckdb
import pytest

from tests.python.conftest import LARGE, Plant

ROOT = Path(__file__).resolve().parents[2]
README = ROOT / "README.md"
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("models/*.md")])
FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)\s]+)\)")
SELECT = re.compile(r"^```sql\n([^`]*)^```$", re.MULTILINE)
ANSWER = re.compile(r"^```sql\n([^`]*)^```\n\n((?:^\|[^\n]*\n)+)", re.MULTILINE)


def title(page: Path) -> str:
    return str(page.relative_to(ROOT))


@cache
def anchors(page: Path) -> set[str]:
    """The anchors that GitHub gives to the headings of a page."""
    headings = re.findall(r"^#+ (.+)$", FENCE.sub("", page.read_text()), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=title)
def test_links_resolve(page: Path) -> None:
    broken = []
    for link in LINK.findall(FENCE.sub("", page.read_text())):
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if link.startswith(("https://", "#!/")):
            continue
        if not target.exists() or (anchor and anchor not in anchors(target)):
            broken.append(link)
    assert not broken


def test_the_readme_has_fewer_than_900_words() -> None:
    assert len(README.read_text().split()) < 900


def cells(table: str) -> list[list[str]]:
    """The head and the rows of a Markdown table."""
    head, _, *rows = table.splitlines()
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in (head, *rows)]


def test_selects_run(small_plant: Plant) -> None:
    with duckdb.connect(str(small_plant.loaders.warehouse), read_only=True) as connection:
        for page in PAGES:
            for select in SELECT.findall(page.read_text()):
                assert connection.execute(select).description, (title(page), select)


@pytest.mark.parametrize("plant", LARGE, indirect=True)
@pytest.mark.usefixtures("results")
def test_the_answers_of_the_readme_are_right(plant: Plant) -> None:
    """`results` builds the plant of 40,000 orders, whose data is that of `make demo`."""
    answers = ANSWER.findall(README.read_text())
    assert len(answers) == 5
    with duckdb.connect(str(plant.loaders.warehouse), read_only=True) as connection:
        for select, answer in answers:
            relation = connection.execute(select)
            head = [column[0] for column in relation.description or []]
            rows = [[str(cell) for cell in row] for row in relation.fetchall()]
            assert [head, *rows] == cells(answer), select
