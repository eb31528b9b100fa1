"""The page without a browser: its figures against the report marts, its policy, its privacy."""

import base64
import hashlib
import json
import re
import shutil
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import duckdb
import pytest

from loaders.errors import LoaderError
from loaders.export.charts import FOLDER, read_charts
from loaders.export.dashboard import FILE, _vega, read_plant, refresh, write_dashboard
from loaders.export.figures import drawn, totals
from loaders.export.report import write_report
from loaders.settings import PUBLISHED as MARTS
from tests.python.conftest import Plant
from tests.python.dashboard.conftest import Changed
from tests.python.dashboard.figures import CHARTS, Filters, Source
from tests.python.loaders.conftest import Loaders

SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)
STYLE = re.compile(r"<style>(.*?)</style>", re.DOTALL)
DATA = re.compile(r'<script type="application/json" id="data">(.*?)</script>', re.DOTALL)

SITE = "coalesce(site_location_id, 0)"
# Chart -> a select on the report marts that gives its rows of all teams, summed by these columns.
ORIGINS = {
    "backlog": """
        select organization_id, site_location_id, week_start_on, backlog_orders, ready_orders,
            estimated_orders, coalesce(backlog_hours, 0) as backlog_hours
        from marts.mart_backlog_weekly where backlog_orders > 0
    """,
    "flow": """
        select organization_id, site_location_id, week_start_on, opened_orders, closed_orders
        from marts.mart_backlog_weekly, period
        where opened_orders + closed_orders > 0 and week_start_on + 6 <= last_on
    """,
    "ageing": f"""
        select organization_id, {SITE} as site_location_id, overdue_bucket, source_priority,
            count(*) as overdue_orders
        from marts.mart_overdue_work_orders group by all
    """,
    "open_work": f"""
        select organization_id, {SITE} as site_location_id, count(*) as open_orders,
            sum(priority_score) as score
        from marts.mart_shift_board group by all
    """,
    "pm_compliance": """
        select organization_id, site_location_id, month_start_on, due_orders, done_by_due,
            done_within_day, done_within_tolerance, done_orders,
            done_orders - done_without_time as done_with_time
        from marts.mart_pm_compliance_monthly
    """,
    "on_time": """
        select organization_id, site_location_id, month_start_on, work_type, due_orders,
            done_by_due, not_yet_due, done_by_due + not_yet_due as on_time_in_product, open_late
        from marts.mart_on_time_monthly where due_orders > 0
    """,
    "schedule_compliance": """
        select organization_id, site_location_id, week_start_on, scheduled_orders, done_orders,
            break_in_orders
        from marts.mart_schedule_compliance_weekly where is_complete
    """,
    "work_mix": """
        select organization_id, site_location_id, month_start_on, sum(done_orders) as done_orders,
            coalesce(sum(done_orders) filter (work_type = 'REACTIVE'), 0) as reactive_orders,
            coalesce(sum(done_orders) filter (work_type = 'PREVENTIVE'), 0) as preventive_orders,
            sum(orders_with_hours) as orders_with_hours, sum(logged_hours) as logged_hours,
            coalesce(sum(logged_hours) filter (work_type = 'REACTIVE'), 0) as reactive_hours
        from marts.mart_work_mix_monthly group by all
    """,
    "availability": f"""
        select organization_id, {SITE} as site_location_id, month_start_on,
            sum(required_hours) as required_hours, sum(down_hours) as down_hours,
            sum(failures) as failures
        from marts.mart_asset_reliability_monthly where required_hours > 0 group by all
    """,
    "bad_actors": f"""
        select organization_id, {SITE} as site_location_id, sum(downtime_hours) as downtime_hours,
            sum(maintenance_cost) as maintenance_cost, sum(reactive_orders) as reactive_orders
        from marts.mart_bad_actors group by all
    """,
    "downtime_reasons": f"""
        select organization_id, {SITE} as site_location_id, sum(downtime_hours) as downtime_hours,
            sum(unplanned_hours) as unplanned_hours, sum(stops) as stops
        from marts.mart_downtime_reasons group by all
    """,
    "sites": f"""
        select organization_id, {SITE} as site_location_id, sum(open_orders) as open_orders,
            sum(late_orders) as late_orders
        from (
            select *, 1 as open_orders, cast(is_overdue as integer) as late_orders
            from marts.mart_shift_board
            union all by name
            select organization_id, site_location_id, 0 as open_orders, 0 as late_orders
            from marts.fct_work_orders where is_counted
        ) group by all
    """,
    "cost": """
        select organization_id, site_location_id, month_start_on, currency,
            sum(total_cost) as total_cost, sum(orders) as orders
        from marts.mart_maintenance_cost_monthly group by all
    """,
    "replacement": f"""
        select organization_id, {SITE} as site_location_id, max(cost_share) as cost_share
        from marts.mart_cost_vs_replacement where has_purchase_price group by all
    """,
    "requests": """
        select organization_id, site_location_id, month_start_on, requests, decided_requests,
            requests_with_order
        from marts.mart_request_funnel_monthly
    """,
    "workload": """
        select organization_id, site_location_id, sum(open_orders) as open_orders,
            sum(imputed_hours) as imputed_hours
        from marts.mart_workload_weekly inner join marts.dim_organizations using (organization_id)
        where week_start_on <= date_trunc('week', as_of_on) group by all
    """,
    "stock": """
        select organization_id, count(*) as stock_places,
            count(*) filter (is_below_minimum) as below_minimum, sum(stock_value) as stock_value
        from marts.mart_parts_health group by all
    """,
    "data_coverage": """
        select organization_id, sum(work_orders) * 3 + sum(done_work_orders) as orders
        from marts.mart_data_quality_daily where work_orders is not null group by all
    """,
    "tests": """
        select organization_id, as_of_on as day_on, tests, tests_warned, rows_warned
        from marts.mart_data_quality_daily where tests is not null
    """,
}
LISTS = {
    "shift_board": f"""
        select organization_id, {SITE} as site_location_id, count(*) as rows_in_all,
            max(priority_score) as first
        from marts.mart_shift_board group by all
    """,
    "overdue": f"""
        select organization_id, {SITE} as site_location_id, count(*) as rows_in_all,
            max(overdue_days) as first
        from marts.mart_overdue_work_orders group by all
    """,
    "parts": """
        select organization_id, count(*) as rows_in_all,
            greatest(max(
                minimum_quantity - available_quantity - coalesce(on_order_quantity, 0)
            ), 0) as first
        from marts.mart_parts_health where is_below_minimum group by all
    """,
    "purchase_orders": """
        select organization_id, count(*) as rows_in_all
        from marts.fct_purchase_orders where is_on_order group by all
    """,
}
KEYS = (
    *("organization_id", "site_location_id", "month_start_on", "week_start_on", "day_on"),
    *("work_type", "currency", "overdue_bucket", "source_priority"),
)


@pytest.fixture(scope="module")
def source(warehouse: Path) -> Iterator[Source]:
    with Source(warehouse) as found:
        yield found


def by_keys(rows: list[dict[str, Any]], measures: list[str]) -> dict[tuple[Any, ...], Any]:
    found = {}
    for row in rows:
        key = tuple(row[name] for name in KEYS if name in row)
        found[key] = {
            name: None if row[name] is None else pytest.approx(float(row[name]), rel=1e-9, abs=1e-6)
            for name in measures
        }
    return found


@pytest.mark.parametrize("name", ORIGINS)
def test_a_chart_says_what_the_report_mart_says(name: str, source: Source) -> None:
    origin = source.rows(ORIGINS[name])
    assert origin
    measures = [column for column in origin[0] if column not in KEYS]
    keys = [column for column in origin[0] if column in KEYS]
    columns = source.columns(name)
    whole = "team_id is null" if "team_id" in columns else "true"
    most = "max" if name == "replacement" else "sum"
    chart = source.rows(
        f"select {', '.join(keys)}, {', '.join(f'{most}({one}) as {one}' for one in measures)}"
        f" from chart_{name} where {whole} group by {', '.join(keys)}"
    )
    time = source.specs[name].get("time")
    if time:
        (period,) = source.rows("select cast(first_on as date) as first_on, last_on from period")
        first, last = period["first_on"], period["last_on"]
        origin = [row for row in origin if first <= row[time] <= last]
        chart = [row for row in chart if first <= row[time] <= last]
    assert by_keys(chart, measures) == by_keys(origin, measures)


@pytest.mark.parametrize("name", LISTS)
def test_a_list_has_the_first_records_and_knows_how_many_there_are(
    name: str, source: Source
) -> None:
    origin = source.rows(LISTS[name])
    spec = source.specs[name]["list"]
    whole = "team_id is null" if "team_id" in source.columns(name) else "true"
    keys = [column for column in origin[0] if column in KEYS]
    group = f"organization_id, {'site_location_id' if name != 'purchase_orders' else '0'}"
    per_group = source.rows(
        f"select {group} as site_location_id, any_value(rows_in_all) as rows_in_all, count(*) as"
        f" held, max({spec['sort']}) as first from chart_{name} where {whole} group by 1, 2"
    )
    for row in per_group:
        cap = min(row["rows_in_all"], spec["cap"])
        assert row["held"] == cap or (name == "shift_board" and row["held"] > cap)
    for row in origin:
        same = [one for one in per_group if all(one[key] == row[key] for key in keys)]
        assert sum(one["rows_in_all"] for one in same) == row["rows_in_all"]
        if "first" in row:
            assert max(one["first"] for one in same) == pytest.approx(row["first"])


def test_every_chart_is_compared(source: Source) -> None:
    """Reconciliation has no rows in a plant that was never reconciled."""
    assert set(CHARTS) == {*ORIGINS, *LISTS, "reconciliation"}
    assert source.columns("reconciliation")


def test_the_report_adds_up_as_a_select_does(warehouse: Path, source: Source) -> None:
    plant = read_plant(warehouse, with_names=False)
    assert plant.last_month
    months = ("2025-07", plant.last_month)
    filters = Filters(*months)
    for chart in plant.charts:
        if "list" in chart.spec:
            continue
        (wanted,) = source.total(chart.name, filters)
        (found,) = totals(chart, months)
        assert found == {
            name: None if value is None else pytest.approx(value, rel=1e-6, abs=1e-4)
            for name, value in wanted.items()
        }, chart.name
        rows = drawn(chart, months)
        for name in () if chart.spec.get("stock") else chart.spec["sum"]:
            assert sum(row[name] or 0 for row in rows) == pytest.approx(wanted[name] or 0)
        if top := chart.spec.get("top"):
            places = {row["place"]: row[chart.spec["group"][0]] for row in rows}
            assert len(places) <= top["keep"] + 1
            assert sorted(places) == list(range(1, len(places) + 1))


@pytest.mark.slow
def test_the_report_is_one_sheet(warehouse: Path, changed: Changed, emptied: str) -> None:
    assert write_report(warehouse, "pdf").read_bytes().startswith(b"%PDF")
    empty = changed(emptied).with_name(warehouse.name)
    assert write_report(empty, "png").read_bytes().startswith(b"\x89PNG")


def test_rows_of_a_team_are_those_of_its_orders(source: Source) -> None:
    teams = source.rows(
        "select organization_id, team_id, count(distinct work_order_id) as due_orders"
        " from marts.bridge_work_order_assignees"
        " inner join marts.fct_work_orders using (organization_id, work_order_id)"
        " cross join period where assignee_type = 'TEAM' and counts_by_due_date"
        " and date_trunc('month', due_on) <= date_trunc('month', last_on) group by all"
    )
    chart = source.rows(
        "select organization_id, team_id, sum(due_orders) as due_orders from chart_on_time"
        " where team_id is not null group by all"
    )
    key = ("organization_id", "team_id", "due_orders")
    assert teams
    assert {tuple(row[one] for one in key) for row in teams} == {
        tuple(row[one] for one in key) for row in chart
    }


def digest(content: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}'"


def test_the_policy_allows_the_scripts_and_the_style_of_the_page_and_nothing_else(
    warehouse: Path,
) -> None:
    text = warehouse.with_name(FILE).read_text()
    (policy,) = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)"', text)
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules["default-src"] == "'none'"
    assert rules["script-src"].split() == [digest(one) for one in SCRIPT.findall(text)]
    assert rules["style-src"].split() == [digest(one) for one in STYLE.findall(text)]
    assert "unsafe" not in policy
    assert not {"connect-src", "frame-src", "object-src"} & set(rules)


class Addresses(HTMLParser):
    """Attributes that make a browser ask for something, and inline handlers."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [
            (f"{tag} {name}", value)
            for name, value in attrs
            if (name in ("src", "href", "action", "style") or name.startswith("on"))
            and value != "#main"
        ]


def test_the_page_asks_for_nothing(warehouse: Path) -> None:
    parser = Addresses()
    parser.feed(warehouse.with_name(FILE).read_text())
    assert parser.found == []


def test_data_cannot_end_its_script(changed: Changed) -> None:
    page = changed(
        "update fct_work_orders set title = '</script><script>alert(1)</script><!--';"
        "update mart_shift_board set title = '</script><script>alert(1)</script><!--'"
    ).read_text()
    (data,) = DATA.findall(page)
    assert "<" not in data
    charts = {chart["name"]: chart for chart in json.loads(data)["charts"]}
    assert charts["shift_board"]["rows"]["title"]["words"] == [
        "</script><script>alert(1)</script><!--"
    ]
    assert len(SCRIPT.findall(page)) == 3


def test_names_of_people_are_in_the_page_only_if_asked_for(warehouse: Path) -> None:
    with duckdb.connect(str(warehouse.with_name(MARTS)), read_only=True) as connection:
        rows = connection.execute(
            "select distinct assignee_name from bridge_work_order_assignees"
            " where assignee_type = 'USER' and assignee_name like '_% %_'"
        ).fetchall()
    names = {row[0] for row in rows}
    assert len(names) > 5
    without, with_names = (
        json.dumps([chart.table for chart in read_plant(warehouse, given).charts], default=str)
        for given in (False, True)
    )
    assert not [name for name in names if name in without]
    assert [name for name in names if name in with_names]


def test_a_number_without_end_is_shown_as_unknown(changed: Changed) -> None:
    page = changed("update marts.mart_backlog_weekly set backlog_hours = 'inf'")
    (data,) = DATA.findall(page.read_text())
    assert "Infinity" not in data
    json.loads(data)


def test_an_empty_plant_has_a_page(changed: Changed, emptied: str) -> None:
    (data,) = DATA.findall(changed(emptied).read_text())
    found = json.loads(data)
    assert found["organizations"] == []
    assert len(found["charts"]) == len(CHARTS)


@pytest.mark.parametrize(
    ("file", "change", "message"),
    [
        ("flow.yml", ("time:", "tiem:"), "flow.yml has unknown keys: tiem"),
        ("flow.yml", ("title:", "time:"), "flow.yml lacks title"),
        ("flow.yml", ("title: ", "title: ["), "flow.yml, line 4: "),
        ("flow.yml", ("section:", "- section:"), "flow.yml, line 2: "),
        ("flow.sql", ("opened_orders,", ""), "flow.sql gives no column opened_orders"),
        ("flow.sql", ("mart_backlog_weekly", "mart_backlog"), "flow.sql cannot be read: Catalog"),
        ("backlog.yml", ("value: backlog_orders", "value: orders"), "a headline shows unknown"),
    ],
)
def test_a_wrong_chart_is_named(
    file: str, change: tuple[str, str], message: str, warehouse: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "dashboard"
    shutil.copytree(FOLDER, folder)
    path = folder / "charts" / file
    text = path.read_text()
    assert change[0] in text
    path.write_text(text.replace(*change, 1))
    for other in folder.glob("charts/*.*"):
        if other.stem != path.stem:
            other.unlink()
    with duckdb.connect() as connection:
        connection.execute(f"attach '{warehouse.with_name(MARTS)}' as marts (read_only)")
        with pytest.raises(LoaderError, match=re.escape(message)):
            read_charts(connection, False, folder)


def test_without_published_marts_the_command_says_what_to_do(
    small_plant: Plant, tmp_path: Path
) -> None:
    loaders = Loaders(small_plant.loaders.sandbox, "", tmp_path / "warehouse.duckdb")
    process = loaders.run("dashboard", expect=2)
    assert "marts.duckdb yet: run `make build` first" in process.stderr


@pytest.mark.slow
def test_the_command_says_where_the_page_is(warehouse: Path, small_plant: Plant) -> None:
    loaders = Loaders(small_plant.loaders.sandbox, "", warehouse)
    assert f"{warehouse.with_name(FILE)} is written, " in loaders.run("dashboard").stdout


def test_a_page_that_cannot_be_written_leaves_the_former_and_fails_no_cycle(
    changed: Changed, warehouse: Path, caplog: pytest.LogCaptureFixture
) -> None:
    page = changed("select 1")
    before = page.read_bytes()
    page.with_name(MARTS).write_bytes(b"no database")
    refresh(page.with_name(warehouse.name))
    assert "dashboard.html not written" in caplog.text
    assert page.read_bytes() == before
    with pytest.raises(LoaderError):
        write_dashboard(page.with_name(warehouse.name))


@pytest.mark.slow
def test_the_bundle_of_vega_is_made_once_for_a_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DBT_TARGET_PATH", str(tmp_path))
    made = _vega.__wrapped__()
    (kept,) = tmp_path.iterdir()
    assert kept.read_text(encoding="utf-8") == made
    kept.write_text("kept", encoding="utf-8")
    assert _vega.__wrapped__() == "kept"
    monkeypatch.setenv("DBT_TARGET_PATH", str(tmp_path / "missing"))
    assert _vega.__wrapped__() == made
