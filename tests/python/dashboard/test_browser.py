"""The page in Chromium without a network: figures, accessibility, hostile names, odd plants."""

import csv
import json
import random
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from loaders.export.dashboard import FILE
from tests.python.dashboard.conftest import Changed
from tests.python.dashboard.figures import Filters, Row, Source
from tests.support.browser import CHROMIUM, Browser, browsing

pytestmark = [
    pytest.mark.slow,
    pytest.mark.xdist_group("dashboard"),
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed"),
]

DRAWN = "document.body.dataset.drawn === 'all'"
HEADLINES = """
[...document.querySelectorAll('#headlines > li')].map((card) => ({
    chart: card.dataset.chart,
    headline: card.dataset.headline,
    values: [...card.querySelectorAll('data')].map((one) =>
        [one.dataset.figure || 'before', Number(one.value), one.textContent]),
    text: card.textContent,
}))
"""
TABLES = """
[...document.querySelectorAll('article')].map((chart) => ({
    name: chart.id.slice('chart-'.length),
    rows: [...chart.querySelectorAll('tbody tr')].map((row) =>
        [...row.querySelectorAll('data')].map((one) => [one.dataset.figure, Number(one.value)])),
    more: chart.querySelector('.more').textContent,
    notes: chart.querySelector('.notes').textContent,
}))
"""


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with browsing(tmp_path_factory.mktemp("browser")) as found:
        found.size(1366, 900)
        yield found


@pytest.fixture(scope="module")
def source(warehouse: Path) -> Iterator[Source]:
    with Source(warehouse) as found:
        yield found


def opened(browser: Browser, page: Path, address: str = "") -> None:
    browser.open(f"{page.as_uri()}{address}")
    browser.wait(DRAWN)


def test_the_page_works_without_a_network_and_complains_of_nothing(
    browser: Browser, warehouse: Path
) -> None:
    page = warehouse.with_name(FILE)
    opened(browser, page)
    assert browser.complaints() == []
    assert browser.requested() == {page.as_uri()}
    assert browser.evaluate("document.querySelectorAll('.drawing svg').length") > 10


def close(found: float, wanted: float | None) -> bool:
    return wanted is not None and found == pytest.approx(float(wanted), rel=1e-6, abs=1e-4)


def differences(
    where: str, row: list[tuple[str, float]], wanted: Row, shown: list[str] | None = None
) -> list[str]:
    """Figures of a row of the page that the select does not give; unknown ones are not shown."""
    found = [
        f"{where}: {name} is {value}, the marts say {wanted[name]}"
        for name, value in row
        if not close(value, wanted[name])
    ]
    names = [name for name, _ in row]
    for name in shown or ():
        if wanted.get(name) is not None and name not in names:
            found.append(f"{where}: {name} is not shown, the marts say {wanted[name]}")
    return found


def wrong_headlines(browser: Browser, source: Source, filters: Filters) -> list[str]:
    found = []
    cards = browser.evaluate(HEADLINES)
    for card in cards:
        spec = source.specs[card["chart"]]
        (headline,) = [one for one in spec["headlines"] if one["value"] == card["headline"]]
        totals = source.total(card["chart"], filters, headline.get("by"))
        names = [headline["value"], *headline.get("also", ())]
        values = [(name, value) for name, value, _ in card["values"] if name != "before"]
        wanted = [(name, total[name]) for total in totals for name in names]
        known = [(name, value) for name, value in wanted if value is not None]
        if [name for name, _ in values] != [name for name, _ in known] or not all(
            close(value, other) for (_, value), (_, other) in zip(values, known, strict=True)
        ):
            found.append(f"{card['chart']}: the page says {values}, the marts say {known}")
    assert len(cards) == sum(len(spec.get("headlines", ())) for spec in source.specs.values())
    return found


def wrong_tables(browser: Browser, source: Source, filters: Filters) -> list[str]:
    found = []
    for table in browser.evaluate(TABLES):
        name, spec = table["name"], source.specs[table["name"]]
        rows = [[(one, value) for one, value in row] for row in table["rows"]]
        if "list" in spec:
            wanted = source.listed(name, filters)
            sort = spec["list"]["sort"]
            ranked = [dict(row).get(sort) for row in rows]
            found += [
                f"{name}: {value} is not the next of the list"
                for value, row in zip(ranked, wanted, strict=False)
                if row[sort] is not None and not close(value or 0, row[sort])
            ]
            said = f"{len(rows)} of {source.counted(name, filters):,} shown."
            if len(rows) != min(12, len(wanted)) or (wanted and not table["more"].startswith(said)):
                found.append(f"{name}: {table['more']}; the marts say {said}")
            continue
        wanted = source.grouped(name, filters)
        if "top" in spec:
            found += wrong_top(name, spec, rows, wanted, source.total(name, filters)[0])
            continue
        if len(rows) != len(wanted):
            found.append(f"{name}: {len(rows)} rows, the marts say {len(wanted)}")
            continue
        shown = [one for one in spec["columns"] if wanted and one in wanted[0]]
        time = spec.get("time")
        group = [one for one in spec["group"] if one in (wanted[0] if wanted else {})]
        wanted = sorted(wanted, key=lambda row: order_of(spec, group, row))
        if time:
            wanted = sorted(wanted, key=lambda row: row[time], reverse=True)
        numbers = [one for one in shown if one not in group]
        for number, (row, other) in enumerate(zip(rows, wanted, strict=True)):
            found += differences(f"{name} row {number}", row, other, numbers)
    return found


def order_of(spec: dict[str, Any], group: list[str], row: Row) -> tuple[Any, ...]:
    orders = [spec["columns"].get(name, {}).get("order") for name in group]
    return tuple(
        order.index(row[name]) if order else str(row[name])
        for name, order in zip(group, orders, strict=True)
    )


def wrong_top(
    name: str,
    spec: dict[str, Any],
    rows: list[list[tuple[str, float]]],
    wanted: list[Row],
    total: Row,
) -> list[str]:
    """The named rows are the highest ones; with the row of the others they add up to all."""
    by, keep = spec["top"]["by"], spec["top"]["keep"]
    key = spec["group"][0]
    members: dict[str, float] = {}
    for row in wanted:
        if not row[key].startswith("|"):
            members[row[key]] = members.get(row[key], 0) + (row[by] or 0)
    highest = sorted((value for value in members.values() if value > 0), reverse=True)[:keep]
    values = [dict(row).get(by, 0.0) for row in rows]
    found = [
        f"{name}: {value} where the marts say {other}"
        for value, other in zip(values, highest, strict=False)
        if not close(value, other)
    ]
    for one in spec["sum"]:
        if one in spec["columns"]:
            summed = sum(dict(row).get(one, 0.0) for row in rows)
            if not close(summed, total[one] or 0):
                found.append(f"{name}: {one} adds up to {summed}, the marts say {total[one]}")
    return found


def test_every_number_on_the_page_is_that_of_a_select_on_the_marts(
    browser: Browser, source: Source, warehouse: Path
) -> None:
    opened(browser, warehouse.with_name(FILE))
    wrong = []
    for filters in source.settings(20, seed=15):
        browser.evaluate(f"document.body.dataset.drawn = '', location.hash = '{filters.address}'")
        browser.wait(DRAWN)
        found = wrong_headlines(browser, source, filters) + wrong_tables(browser, source, filters)
        wrong += [f"{filters.address} {one}" for one in found]
    assert wrong == []
    assert browser.complaints() == []


def test_filters_are_in_the_address_and_survive_a_reload(
    browser: Browser, source: Source, warehouse: Path
) -> None:
    page = warehouse.with_name(FILE)
    opened(browser, page)
    (site,) = source.rows(
        "select organization_id, site_location_id from chart_cost where site_location_id != 0"
        " order by total_cost desc limit 1"
    )
    key = f"{site['organization_id']}-{site['site_location_id']}"
    browser.evaluate(
        f"document.getElementById('site').value = '{key}',"
        "document.getElementById('site').dispatchEvent(new Event('change', {bubbles: true})), 0"
    )
    browser.wait(DRAWN)
    address = browser.evaluate("location.hash")
    assert f"site={key}" in address
    text = "document.getElementById('headlines').textContent"
    before = browser.evaluate(text)
    opened(browser, page, address)
    assert browser.evaluate(text) == before
    assert browser.evaluate("document.getElementById('site').value") == key
    assert "Not filtered by site: these records have none" in browser.evaluate(
        "document.getElementById('chart-purchase_orders').textContent"
    )


def chosen(browser: Browser, name: str, value: str) -> None:
    """Choose an option of a filter as a person does."""
    browser.evaluate(
        f"document.body.dataset.drawn = '', filter = document.getElementById('{name}'),"
        f"filter.value = '{value}', filter.dispatchEvent(new Event('change', {{bubbles: true}})), 0"
    )
    browser.wait(DRAWN)


def test_all_sites_are_those_of_the_organization_that_was_chosen(
    browser: Browser, warehouse: Path
) -> None:
    opened(browser, warehouse.with_name(FILE))
    organizations, sites = browser.evaluate(
        "['organization', 'site'].map((id) => [...document.getElementById(id).options]"
        ".map((one) => one.value).filter(Boolean))"
    )
    organization = "document.getElementById('organization').value"
    chosen(browser, "site", sites[0])
    assert browser.evaluate(organization) == sites[0].split("-")[0]
    chosen(browser, "site", "")
    assert browser.evaluate(organization) == ""
    chosen(browser, "organization", organizations[0])
    chosen(browser, "site", next(one for one in sites if one.startswith(organizations[0])))
    chosen(browser, "site", "")
    assert browser.evaluate(organization) == organizations[0]


@pytest.mark.parametrize(
    ("period", "first", "last"),
    [
        ("Last 12 months", "2025-07", "2026-06"),
        ("This month", "2026-06", "2026-06"),
        ("Last quarter", "2026-01", "2026-03"),
        ("This quarter", "2026-04", "2026-06"),
        ("This year", "2026-01", "2026-06"),
    ],
)
def test_a_period_sets_both_months(
    browser: Browser, warehouse: Path, period: str, first: str, last: str
) -> None:
    opened(browser, warehouse.with_name(FILE))
    chosen(browser, "period", period)
    months = "['from', 'to', 'period'].map((id) => document.getElementById(id).value)"
    assert browser.evaluate(months) == [first, last, period]
    running = "June 2026 counts up to" in browser.evaluate("document.body.textContent").replace(
        "Jun 2026", "June 2026"
    )
    assert running == (last == "2026-06")


def test_words_above_a_list_find_its_records(browser: Browser, warehouse: Path) -> None:
    opened(browser, warehouse.with_name(FILE))
    list_of = "document.getElementById('chart-shift_board')"
    rows = f"[...{list_of}.querySelectorAll('tbody tr')].map((row) => row.textContent)"
    word = browser.evaluate(f"{list_of}.querySelector('tbody td:nth-child(4)').textContent")
    browser.evaluate(
        f"{list_of}.querySelector('input').value = '{word}',"
        f"{list_of}.querySelector('input').dispatchEvent(new Event('input')), 0"
    )
    found = browser.evaluate(rows)
    assert found
    assert all(word in row for row in found)


def test_links_within_the_page_do_not_touch_the_filters(browser: Browser, warehouse: Path) -> None:
    opened(browser, warehouse.with_name(FILE), "#from=2026-02&to=2026-03")
    browser.evaluate("document.querySelector('.skip').click(), 0")
    browser.evaluate("document.querySelector('.how').click(), 0")
    assert browser.evaluate("location.hash") == "#from=2026-02&to=2026-03"
    assert browser.evaluate("document.activeElement.closest('article').id") == "chart-backlog"
    assert browser.evaluate("document.querySelector('#chart-backlog .definition').open")


def saved(folder: Path, name: str) -> bytes:
    deadline = time.monotonic() + 20
    while not (folder / name).exists() or (folder / f"{name}.crdownload").exists():
        assert time.monotonic() < deadline, f"{name} was not saved"
        time.sleep(0.05)
    return (folder / name).read_bytes()


def test_a_table_is_saved_as_csv_and_a_chart_as_png(
    browser: Browser, source: Source, warehouse: Path, tmp_path: Path
) -> None:
    opened(browser, warehouse.with_name(FILE))
    browser.call("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(tmp_path))
    for button in (0, 1):
        browser.evaluate(
            f"document.querySelectorAll('#chart-pm_compliance .tools button')[{button}].click(), 0"
        )
    name = "pm_compliance-all-organizations-2025-07-2026-06"
    rows = list(csv.reader(saved(tmp_path, f"{name}.csv").decode().splitlines()))
    filters = Filters(*browser.evaluate("[document.getElementById('from').value, '2026-06']"))
    wanted = source.grouped("pm_compliance", filters)
    assert rows[0][:3] == ["month_start_on", "due_orders", "done_by_due"]
    assert {row[0]: int(row[1]) for row in rows[1:]} == {
        str(row["month_start_on"]): int(row["due_orders"]) for row in wanted
    }
    assert saved(tmp_path, f"{name}.png").startswith(b"\x89PNG")


@pytest.fixture(scope="module")
def axe(tmp_path_factory: pytest.TempPathFactory) -> str:
    """axe-core from the npm registry."""
    folder = tmp_path_factory.mktemp("axe")
    if not (npm := shutil.which("npm")):
        pytest.skip("npm is not installed, which brings axe-core")
    packed = subprocess.run(
        [npm, "pack", "--silent", "axe-core@4"], cwd=folder, capture_output=True, check=False
    )
    if packed.returncode:
        pytest.skip("the npm registry does not answer, which brings axe-core")
    shutil.unpack_archive(next(folder.glob("*.tgz")), folder)
    return (folder / "package" / "axe.min.js").read_text()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_serious_violation(
    scheme: str, browser: Browser, warehouse: Path, axe: str
) -> None:
    browser.media(scheme)
    opened(browser, warehouse.with_name(FILE))
    browser.evaluate("document.querySelectorAll('details').forEach((one) => (one.open = true))")
    browser.evaluate(f"{axe}; 0")
    found = browser.evaluate(
        "axe.run().then((result) => result.violations.map((one) =>"
        " [one.impact, one.id, one.nodes.map((node) => node.html).slice(0, 3)]))"
    )
    browser.media()
    assert [one for one in found if one[0] in ("serious", "critical")] == []


HOSTILE = (
    '<img src=x onerror="window.hurt = 1">',
    "</script><script>window.hurt = 1</script>",
    "javascript:window.hurt=1",
    "'\"`${window.hurt = 1}\\",
    "\u202eמשאבה עברית\u2066",
    "🔥 Ofen 👩‍🔧 " + "x" * 300,
    "a|b > c",
    "=cmd|' /C calc'!A0",
    "",
)


def test_names_are_shown_and_never_executed(
    browser: Browser, changed: Changed, source: Source
) -> None:
    """Every text of the marts that a person types is hostile, in tables, charts and tooltips."""
    draw = random.Random(15)
    typed = ("title", "_name", "_label", "_path", "vendor_name", "work_order_url", "asset")
    columns = source.rows(
        "select table_name, column_name from duckdb_columns() where database_name = 'marts'"
        " and data_type = 'VARCHAR' and not starts_with(table_name, '_')"
    )
    literal = "[" + ", ".join("'" + text.replace("'", "''") + "'" for text in HOSTILE) + "]"
    script = "".join(
        f"update {row['table_name']} set {row['column_name']} ="
        f" {literal}[cast(1 + (hash({row['column_name']}) // 7 + {draw.randrange(99)})"
        f" % {len(HOSTILE)} as int)];"
        for row in columns
        if row["column_name"].endswith(typed)
    )
    page = changed(script)
    opened(browser, page)
    browser.evaluate("document.querySelectorAll('.more button').forEach((one) => one.click())")
    browser.evaluate(
        "document.querySelectorAll('.drawing path, .drawing rect').forEach((one) =>"
        " one.dispatchEvent(new MouseEvent('mousemove', {bubbles: true, clientX: 9, clientY: 9})))"
    )
    assert browser.evaluate("window.hurt") is None
    assert browser.evaluate("document.querySelectorAll('img, iframe, object').length") == 0
    assert (
        browser.evaluate(
            "[...document.querySelectorAll('a')].filter((one) => one.protocol !== 'https:'"
            " && one.protocol !== 'file:').length"
        )
        == 0
    )
    assert HOSTILE[0] in browser.evaluate("document.body.textContent")
    assert browser.complaints() == []


ONE_ORDER = (
    "delete from {table} where work_order_id !="
    " (select min(work_order_id) from fct_work_orders where is_open and due_on is not null)"
)
MORE_SITES = """
create table sites as select range as n, 9000000 + range as id from range(30);
insert into dim_locations by name
    select organization_id, id as location_id, id as site_location_id,
        'Site ' || n as location_name, 'Site ' || n as location_path, 'Site ' || n as site_name,
        'Site ' || n as site_label, false as is_deleted
    from sites cross join (select min(organization_id) as organization_id from dim_organizations);
insert into mart_maintenance_cost_monthly by name
    select * exclude (n, id) replace (id as site_location_id)
    from mart_maintenance_cost_monthly cross join sites
    where organization_id = (select min(organization_id) from dim_organizations);
drop table sites;
"""


def plants(emptied: str, tables: list[str]) -> dict[str, str]:
    one = "(select max(organization_id) from dim_organizations)"
    return {
        "empty": emptied,
        "one order": ";".join(
            ONE_ORDER.format(table=name) for name in sorted(tables, reverse=True)
        ),
        "one organization": ";".join(
            f"delete from {name} where organization_id = {one}"
            for name in ("dim_teams", "dim_locations", "mart_shift_board", "dim_organizations")
        ),
        "30 sites": MORE_SITES,
        "one currency": "update mart_maintenance_cost_monthly set currency = null",
    }


@pytest.mark.parametrize(
    "kind", ["empty", "one order", "one organization", "30 sites", "one currency"]
)
def test_odd_plants_have_a_page_that_stands(
    kind: str, browser: Browser, changed: Changed, emptied: str, source: Source
) -> None:
    tables = [
        row["table_name"]
        for row in source.rows(
            "select table_name from duckdb_columns() where database_name = 'marts'"
            " and column_name = 'work_order_id' and table_name != 'fct_work_orders'"
        )
    ]
    opened(browser, changed(plants(emptied, tables)[kind]))
    assert browser.complaints() == []
    text = browser.evaluate("document.body.innerText")
    assert "NaN" not in text
    assert "undefined" not in text
    assert "null" not in text
    organizations = browser.evaluate("document.getElementById('organization').length")
    shown = browser.evaluate("!document.getElementById('organization').closest('label').hidden")
    expected = {"empty": (0, False), "one organization": (1, False)}.get(kind, (3, True))
    assert (organizations, shown) == expected
    if kind == "empty":
        assert text.count("not known") >= 5
        assert "Never reconciled" in text
    if kind == "30 sites":
        assert browser.evaluate("document.getElementById('site').length") > 30
    if kind == "one currency":
        assert "no currency" in text


def test_a_phone_shows_the_page_without_a_sideways_scroll(
    browser: Browser, warehouse: Path
) -> None:
    browser.size(390, 844)
    opened(browser, warehouse.with_name(FILE))
    width = browser.evaluate("document.documentElement.scrollWidth")
    browser.size(1366, 900)
    assert width <= 390


def test_the_page_prints_with_its_figures_and_without_its_controls(
    browser: Browser, warehouse: Path
) -> None:
    opened(browser, warehouse.with_name(FILE))
    browser.media(kind="print")
    hidden = browser.evaluate(
        "['#site', '.tools', '.how'].map((one) => document.querySelector(one).checkVisibility())"
    )
    browser.media()
    assert hidden == [False, False, False]
    assert browser.pdf().startswith(b"%PDF")
    assert json.dumps(browser.complaints()) == "[]"
