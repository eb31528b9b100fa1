"""The docs site in Chromium without a network: dbt's one file, opened from the disk."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.python.conftest import Plant
from tests.support.browser import CHROMIUM, Browser, browsing
from tests.support.dbt_in_process import parsed

pytestmark = [
    pytest.mark.slow,
    pytest.mark.xdist_group("small"),
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed"),
]

# Templates in dbt's own page that the browser reads as addresses before its script replaces them.
ASIDES = re.compile(r"%7B%7B%20getIcon\(item\.type|\$%7Brequire\('\./assets/favicons/")
# What the browser says of a file that is not there, as these are not.
OF_ASIDES = ("", "net::ERR_FILE_NOT_FOUND", "Failed to load resource: net::ERR_FILE_NOT_FOUND")
TITLE = "document.querySelector('h1') && document.querySelector('h1').textContent"
SEEN = {
    "#!/overview": "MaintainX warehouse",
    "#!/overview/maintainx_warehouse": "How our figures compare",
    "#!/model/model.maintainx_warehouse.fct_work_orders": "fct_work_orders",
    "#!/metric/metric.maintainx_warehouse.pm_compliance": "PM compliance",
    "#!/exposure/exposure.maintainx_warehouse.dashboard": "Dashboard",
    "#!/analysis/analysis.maintainx_warehouse.workload": "workload",
    "#!/source/source.maintainx_warehouse.maintainx.work_orders": "work_orders",
}


@pytest.fixture(scope="module")
def page(small_plant: Plant) -> Path:
    said = small_plant.dbt("docs", "generate", "--static")
    assert said.success, said.text
    return small_plant.target / "static_index.html"


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with browsing(tmp_path_factory.mktemp("browser")) as found:
        found.size(1366, 900)
        yield found


@pytest.mark.parametrize(("address", "title"), SEEN.items())
def test_a_page_opens_without_a_network(
    browser: Browser, page: Path, address: str, title: str
) -> None:
    browser.open(f"{page.as_uri()}{address}")
    browser.wait(f"({TITLE} || '').includes({title!r})")
    complaints = [said for said in browser.complaints() if said not in OF_ASIDES]
    assert [said for said in complaints if not ASIDES.search(said)] == []
    asked = {url for url in browser.requested() if not url.startswith("data:")}
    assert {url for url in asked if not ASIDES.search(url)} == {page.as_uri()}


def test_the_first_page_shows_the_entities_and_its_links_lead_somewhere(
    browser: Browser, page: Path, small_plant: Plant
) -> None:
    browser.open(f"{page.as_uri()}#!/overview")
    browser.wait("[...document.images].some((one) => one.alt === 'Entities')")
    drawn = "[...document.images].find((one) => one.alt === 'Entities').naturalWidth"
    browser.wait(f"{drawn} > 1000")
    links = set(
        browser.evaluate(
            "[...document.querySelectorAll('.markdown a, .panel-body a')].map((one) => one.hash)"
        )
    )
    assert len(links) > 30
    manifest = parsed(small_plant.target)
    labels = {one.unique_id: one.label for one in manifest.metrics.values()}
    labels |= {one.unique_id: one.label or "" for one in manifest.exposures.values()}
    for link in sorted(links - {""}):
        name = link.rpartition("/")[2]
        title = labels.get(name, name.split(".")[-1])
        if name != manifest.metadata.project_name:
            browser.evaluate(f"location.hash = {link!r}")
            browser.wait(f"({TITLE} || '').includes({title!r})")
