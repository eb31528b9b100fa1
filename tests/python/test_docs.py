"""The documentation: links resolve, selects run, the README's answers are those of the demo."""

import base64
import re
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pytest

from loaders.commands.demo import QUESTIONS
from tests.python.conftest import LARGE, Plant
from tests.support.dbt_in_process import parsed
from tools import diagrams

ROOT = Path(__file__).resolve().parents[2]
README = ROOT / "README.md"
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("models/*.md")])
FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)\s]+)\)")
ANALYSES = sorted((ROOT / "analyses").glob("*.sql"))
REF = re.compile(r"\{\{ ref\('(\w+)'\) \}\}")
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
        if link.startswith(("https://", "#!/", "data:")):
            continue
        if not target.exists() or (anchor and anchor not in anchors(target)):
            broken.append(link)
    assert not broken


def test_the_readme_has_fewer_than_900_words() -> None:
    assert len(README.read_text().split()) < 900


def test_the_questions_of_the_docs_are_the_analyses() -> None:
    page = (ROOT / "docs" / "marts.md").read_text()
    section = page.partition("## Twelve questions")[2].partition("\n## ")[0]
    analyses = {REF.sub(r"marts.\1", path.read_text()).rstrip() + ";\n" for path in ANALYSES}
    assert len(ANALYSES) == 12
    assert set(SELECT.findall(section)) == analyses


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


@pytest.mark.xdist_group("plant")
@pytest.mark.usefixtures("results")
def test_the_analyses_compile_and_answer_with_names_in_order(plant: Plant) -> None:
    said = plant.dbt("compile", "--select", "resource_type:analysis")
    assert said.success, said.text
    compiled = sorted(plant.target.rglob("compiled/**/analyses/*.sql"))
    assert [path.name for path in compiled] == [path.name for path in ANALYSES]
    with duckdb.connect(str(plant.loaders.warehouse), read_only=True) as connection:
        for path in compiled:
            relation = connection.execute(path.read_text())
            columns = [column[0] for column in relation.description or []]
            rows = relation.fetchall()
            assert rows, path.name
            assert [name for name in columns if name.endswith("_id")] == [], path.name
            assert "order by" in path.read_text(), path.name
            assert all(
                cell == round(cell, 1) for row in rows for cell in row if isinstance(cell, float)
            ), path.name


def test_the_questions_of_the_demo_are_those_of_the_readme() -> None:
    text = README.read_text()
    section = text.partition("## Five questions")[2].partition("\n## ")[0]
    questions = re.findall(r"^\*\*(.+)\*\*$", section, re.MULTILINE)
    selects = ["\n" + select.replace(";", "") for select, _ in ANSWER.findall(section)]
    assert dict(zip(questions, selects, strict=True)) == QUESTIONS
    assert len(QUESTIONS) == 5
    assert "answers five questions" in text


def test_links_of_the_docs_site_lead_to_a_page(small_plant: Plant) -> None:
    """Links such as `#!/model/model.maintainx_warehouse.fct_work_orders`, in any description."""
    manifest = parsed(small_plant.target)
    kinds = (manifest.nodes, manifest.sources, manifest.metrics, manifest.exposures)
    described: list[Any] = [thing for kind in kinds for thing in kind.values()]
    described += [column for node in described for column in getattr(node, "columns", {}).values()]
    described += manifest.semantic_models.values()
    pages = {f"{name.split('.')[0]}/{name}" for kind in kinds for name in kind}
    pages |= {f"overview/{manifest.metadata.project_name}"}
    texts = [thing.description or "" for thing in described]
    texts += [doc.block_contents for doc in manifest.docs.values() if doc.package_name != "dbt"]
    links = {link for text in texts for link in LINK.findall(text) if link.startswith("#!/")}
    assert len(links) > 50
    assert {link for link in links if link.removeprefix("#!/") not in pages} == set()


def test_diagrams_are_those_of_the_models(small_plant: Plant) -> None:
    manifest = parsed(small_plant.target).writable_manifest().to_dict(omit_none=False)
    picture = diagrams.entities(manifest)
    references = diagrams.references(manifest)
    assert len(references) > 50
    assert all(f">{name}<" in picture for pair in references for name in pair)
    overview = diagrams.OVERVIEW.read_text()
    for path, drawn in {
        diagrams.IMAGES / "entities.svg": picture,
        diagrams.IMAGES / "lineage.svg": diagrams.lineage(manifest),
        diagrams.OVERVIEW: diagrams.embedded(overview, picture),
    }.items():
        assert path.read_text() == drawn, "run make diagrams, and commit the pictures"
    assert picture.encode() in (base64.b64decode(code) for code in INSIDE.findall(overview))


INSIDE = re.compile(r"\(data:image/svg\+xml;base64,([^)]+)\)")
READ = re.compile(r"\b(marts|quality)\.(\w+)")
# Who reads what, in which files.
READERS = {
    "dashboard": [*(ROOT / "dashboard").rglob("*.sql"), ROOT / "loaders/export/dashboard.py"],
    "trust": [ROOT / "loaders/commands/trust.py"],
}


def test_exposures_depend_on_what_is_read(small_plant: Plant) -> None:
    manifest = parsed(small_plant.target)
    nodes = {**manifest.nodes, **manifest.sources}
    relations = {(node.schema, node.name) for node in nodes.values()}
    found = {
        exposure.name: {
            (nodes[name].schema, nodes[name].name) for name in exposure.depends_on_nodes
        }
        for exposure in manifest.exposures.values()
    }
    marts = {relation for relation in relations if relation[0] == "marts"}
    assert found.pop("exports") == marts
    for name, files in READERS.items():
        read = {match for file in files for match in READ.findall(file.read_text())}
        assert found.pop(name) == read & relations, name
    assert found == {}


@pytest.mark.xdist_group("plant")
@pytest.mark.usefixtures("results")
def test_the_first_question_is_answered_as_by_the_marts(plant: Plant) -> None:
    """The overview asks it too."""
    overview = SELECT.findall((ROOT / "models" / "overview.md").read_text())[0]
    demo = next(iter(QUESTIONS.values())).replace("limit 3", "")
    with duckdb.connect(str(plant.loaders.warehouse), read_only=True) as connection:

        def rows(query: str) -> list[tuple[Any, ...]]:
            return connection.execute(query).fetchall()

        overdue = rows(
            "select coalesce(site_label, ''), count(*) from marts.mart_overdue_work_orders"
            " group by all order by all"
        )
        opened = rows(
            "select sum(backlog_orders)::bigint as orders from marts.mart_backlog_weekly"
            " inner join marts.dim_organizations using (organization_id)"
            " where week_start_on = date_trunc('week', as_of_on)"
            " group by site_label having orders > 0 order by all"
        )
        assert overdue
        for select in (overview, demo):
            found = [
                ("" if site in (None, "no location") else site, opens, late)
                for site, opens, late, *_ in rows(select)
            ]
            assert sorted((site, late) for site, _, late in found if late) == overdue, select
            assert sorted((opens,) for _, opens, _ in found) == opened, select
