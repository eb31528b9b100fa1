"""The semantic layer: each metric equals its mart, at the grain of the mart and added up."""

import csv
import math
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import pytest

from loaders.settings import PROJECT
from tests.python.conftest import Plant

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("small")]

SITE = "organization_id || '-' || site_location_id"
ASSET = "organization_id || '-' || asset_id"
COUNTED = "count(case when is_counted and {} then 1 end)"


@dataclass(frozen=True)
class Mart:
    """`keys`: group-by item -> expression of the mart. `metrics`: metric -> column of the mart and,
    where columns cannot be added up, the aggregate over its rows."""

    time: tuple[str, str]
    keys: dict[str, str]
    metrics: dict[str, str | tuple[str | None, str]]
    organization: dict[str, str] = field(
        default_factory=lambda: {"organization": "organization_id"}
    )


MONTH = ("month", "month_start_on")
WEEK = ("week", "week_start_on")


def ratio(numerator: str, denominator: str, column: str | None = None) -> tuple[str | None, str]:
    return column, f"sum({numerator}) / nullif(sum({denominator}), 0)"


MARTS = {
    "mart_on_time_monthly": Mart(
        MONTH,
        {"site": SITE, "work_type": "work_type"},
        {
            "orders_due": "due_orders",
            "orders_done_by_due": "done_by_due",
            "orders_on_time_in_maintainx": "done_by_due + not_yet_due",
            "orders_due_and_done": "done_by_due + done_late + done_without_time",
            "orders_due_and_timed": "done_by_due + done_late",
            "orders_created": "created_orders",
            "orders_created_with_due_date": "created_with_due_date",
            "on_time_strict": ratio("done_by_due", "due_orders", "on_time_strict"),
            "on_time_product": ratio("done_by_due + not_yet_due", "due_orders", "on_time_product"),
            "on_time_time_coverage": ratio(
                "done_by_due + done_late",
                "done_by_due + done_late + done_without_time",
                "time_coverage",
            ),
            "due_date_coverage": ratio(
                "created_with_due_date", "created_orders", "due_date_coverage"
            ),
        },
    ),
    "mart_pm_compliance_monthly": Mart(
        MONTH,
        {"site": SITE},
        {
            "pm_orders_due": "due_orders",
            "pm_done_by_due": "done_by_due",
            "pm_done_within_day": "done_within_day",
            "pm_done_within_tolerance": "done_within_tolerance",
            "pm_done": "done_orders",
            "pm_timed": "done_orders - done_without_time",
            "pm_compliance": ratio("done_by_due", "due_orders", "compliance"),
            "pm_compliance_within_day": ratio(
                "done_within_day", "due_orders", "compliance_within_day"
            ),
            "pm_compliance_within_tolerance": ratio(
                "done_within_tolerance", "due_orders", "compliance_within_tolerance"
            ),
            "pm_time_coverage": ratio(
                "done_orders - done_without_time", "done_orders", "time_coverage"
            ),
        },
    ),
    "mart_overdue_work_orders": Mart(
        ("day", "due_on"),
        {
            "site": SITE,
            "asset": ASSET,
            "work_type": "work_type",
            "overdue_work_order__overdue_bucket": "overdue_bucket",
            "overdue_work_order__age_bucket": "age_bucket",
        },
        {"overdue_orders": (None, "count(*)")},
    ),
    "mart_backlog_weekly": Mart(
        WEEK,
        {"site": SITE},
        {
            "open_orders": "open_orders",
            "backlog_orders": "backlog_orders",
            "ready_orders": "ready_orders",
            "backlog_estimated_orders": "estimated_orders",
            "backlog_hours": "backlog_hours",
            "ready_hours": "ready_hours",
            "backlog_hours_with_crew": (
                None,
                "sum(backlog_hours) filter (where crew_hours is not null)",
            ),
            "backlog_crew_hours": (
                None,
                "sum(crew_hours) filter (where backlog_hours is not null)",
            ),
            "ready_hours_with_crew": (
                None,
                "sum(ready_hours) filter (where crew_hours is not null)",
            ),
            "ready_crew_hours": (None, "sum(crew_hours) filter (where ready_hours is not null)"),
            "backlog_weeks": (
                "backlog_weeks",
                "sum(backlog_hours) filter (where crew_hours is not null)"
                " / sum(crew_hours) filter (where backlog_hours is not null)",
            ),
            "ready_backlog_weeks": (
                "ready_weeks",
                "sum(ready_hours) filter (where crew_hours is not null)"
                " / sum(crew_hours) filter (where ready_hours is not null)",
            ),
            "backlog_estimate_coverage": ratio(
                "estimated_orders", "backlog_orders", "estimate_coverage"
            ),
            "opened_orders": "opened_orders",
            "closed_orders": "closed_orders",
            "backlog_net_change": "net_change",
        },
    ),
    "mart_work_mix_monthly": Mart(
        MONTH,
        {"site": SITE, "work_type": "work_type"},
        {
            "done_orders": "done_orders",
            "logged_hours": "logged_hours",
            "done_orders_with_hours": "orders_with_hours",
            "done_orders_with_cycle": "orders_with_cycle",
            "cycle_hours": "mean_cycle_hours * orders_with_cycle",
            "logged_hours_coverage": ratio("orders_with_hours", "done_orders", "hour_coverage"),
            "mean_cycle_hours": ratio(
                "mean_cycle_hours * orders_with_cycle", "orders_with_cycle", "mean_cycle_hours"
            ),
            "cycle_coverage": ratio("orders_with_cycle", "done_orders", "cycle_coverage"),
        },
    ),
    "mart_workload_weekly": Mart(
        WEEK,
        {
            "site": SITE,
            "assignee": "organization_id || '-' || assignee_type || '-' || assignee_id",
        },
        {
            "workload_orders": "open_orders",
            "workload_overdue_orders": "overdue_orders",
            "workload_estimated_orders": "estimated_orders",
            "workload_hours": "imputed_hours",
            "workload_estimate_coverage": ratio(
                "estimated_orders", "open_orders", "estimate_coverage"
            ),
        },
    ),
    "mart_request_funnel_monthly": Mart(
        MONTH,
        {"site": SITE},
        {
            "requests": "requests",
            "decided_requests": "decided_requests",
            "requests_with_order": "requests_with_order",
            "requests_with_lead": "requests_with_lead",
            "request_lead_hours": "mean_lead_hours * requests_with_lead",
            "request_order_rate": ratio("requests_with_order", "decided_requests", "order_rate"),
            "mean_request_lead_hours": ratio(
                "mean_lead_hours * requests_with_lead", "requests_with_lead", "mean_lead_hours"
            ),
            "request_lead_coverage": ratio(
                "requests_with_lead", "requests_with_order", "lead_coverage"
            ),
        },
    ),
    "mart_maintenance_cost_monthly": Mart(
        MONTH,
        {"site": SITE, "asset": ASSET},
        {
            "maintenance_cost": "total_cost",
            "labour_cost": "labour_cost",
            "parts_cost": "parts_cost",
            "other_cost": "other_cost",
            "costed_orders": "orders",
            "costed_orders_with_cost": "orders_with_cost",
            "cost_coverage": ratio("orders_with_cost", "orders", "cost_coverage"),
        },
    ),
    "mart_cost_vs_replacement": Mart(
        ("day", "as_of_on"),
        {"site": SITE, "asset": ASSET},
        {
            "priced_cost_12m": (None, "sum(cost_12m) filter (where purchase_price > 0)"),
            "purchase_price": "purchase_price",
            "orders_12m": "orders_12m",
            "orders_with_cost_12m": "orders_with_cost_12m",
            "cost_share_of_purchase_price": (
                "cost_share",
                "sum(cost_12m::double) filter (where purchase_price > 0)"
                " / nullif(sum(purchase_price::double), 0)",
            ),
            "cost_12m_coverage": ratio("orders_with_cost_12m", "orders_12m", "cost_coverage"),
        },
    ),
    "fct_work_orders": Mart(
        ("day", "completed_on"),
        {"site": SITE, "asset": ASSET, "work_type": "work_type"},
        {
            "completed_orders": (None, COUNTED.format("has_valid_completion")),
            "duration_hours": (None, "sum(duration_hours) filter (where is_counted)"),
            "mean_duration_hours": (None, "avg(duration_hours) filter (where is_counted)"),
        },
    ),
    "fct_work_orders by creation": Mart(
        ("day", "created_on"),
        {"site": SITE, "asset": ASSET, "work_type": "work_type"},
        {
            "repeat_failures": (None, COUNTED.format("is_repeat_failure")),
            "reopened_orders": (None, COUNTED.format("reopened_count > 0")),
        },
    ),
    "fct_work_order_sla": Mart(
        ("day", "created_at"),
        {"site": SITE, "work_type": "work_type"},
        {
            "clocked_orders": (None, "count(*)"),
            "responded_orders": (None, "count(response_hours)"),
            "response_hours": "response_hours",
            "mean_response_hours": (None, "avg(response_hours)"),
            "response_coverage": (None, "count(response_hours) / count(*)"),
        },
    ),
    "fct_asset_days": Mart(
        ("day", "day_on"),
        {"asset": ASSET},
        {
            "downtime_hours": "down_hours",
            "planned_downtime_hours": "planned_hours",
            "unplanned_downtime_hours": "unplanned_hours",
            "unclassified_downtime_hours": "unclassified_hours",
        },
    ),
    "mart_asset_reliability_monthly": Mart(
        MONTH,
        {"site": SITE, "asset": ASSET},
        {
            "tracked_hours": "required_hours - ignored_hours",
            "available_hours": "required_hours - ignored_hours - down_hours",
            "available_hours_12m": "required_hours_12m - ignored_hours_12m - down_hours_12m",
            "failures_12m": "failures_12m",
            "failures": "failures",
            "closed_failures": "closed_failures",
            "closed_failure_hours": "closed_failure_hours",
            "repair_orders": "repair_orders",
            "mttr_orders": "mttr_orders",
            "mttr_logged_hours": "mttr_logged_hours",
            "availability": ratio(
                "required_hours - ignored_hours - down_hours",
                "required_hours - ignored_hours",
                "availability",
            ),
            "mtbf_hours": ratio(
                "required_hours_12m - ignored_hours_12m - down_hours_12m",
                "failures_12m",
                "mtbf_hours",
            ),
            "mean_downtime_hours": ratio(
                "closed_failure_hours", "closed_failures", "mean_downtime_hours"
            ),
            "mean_downtime_coverage": ratio(
                "closed_failures", "failures", "mean_downtime_coverage"
            ),
            "mttr_hours": ratio("mttr_logged_hours", "mttr_orders", "mttr_hours"),
            "mttr_coverage": ratio("mttr_orders", "repair_orders", "mttr_coverage"),
        },
    ),
    "mart_parts_health": Mart(
        ("day", "as_of_on"),
        {
            "part": "organization_id || '-' || part_id",
            "location": "organization_id || '-' || location_id",
        },
        {
            "stocked_parts": (None, "count(*)"),
            "parts_out_of_stock": (None, "count(case when is_out_of_stock then 1 end)"),
            "parts_below_minimum": (None, "count(case when is_below_minimum then 1 end)"),
            "stock_value": "stock_value",
        },
    ),
}
# Shares of a type: numerator and denominator of two rows of the mart.
SHARES = {
    f"{kind}_{metric}": (kind.upper(), column, of)
    for kind in ("reactive", "preventive")
    for metric, column, of in (
        ("done_orders", "done_orders", None),
        ("logged_hours", "logged_hours", None),
        ("order_share", "done_orders", "order_share"),
        ("hour_share", "logged_hours", "hour_share"),
    )
}
Table = dict[tuple[Any, ...], dict[str, Any]]


class Metrics:
    """MetricFlow over the project's manifest, and the warehouse that its SQL runs on."""

    def __init__(self, plant: Plant, warehouse: Path) -> None:
        # Here, so that other tests do not wait for MetricFlow.
        from dbt.adapters.factory import get_adapter_by_type  # noqa: PLC0415
        from dbt_metricflow.cli.dbt_connectors import adapter_backed_client as client  # noqa: PLC0415
        from metricflow.engine import metricflow_engine as engine  # noqa: PLC0415
        from metricflow_semantics.model import (  # noqa: PLC0415
            dbt_manifest_parser as parser,
        )
        from metricflow_semantics.model import (  # noqa: PLC0415
            semantic_manifest_lookup as lookup,
        )

        said = plant.dbt("parse")
        assert said.success, said.text
        made = (plant.target / "semantic_manifest.json").read_text()
        self.manifest = parser.parse_manifest_from_dbt_generated_manifest(made)
        self._request = engine.MetricFlowQueryRequest.create
        self._engine = engine.MetricFlowEngine(
            lookup.SemanticManifestLookup(self.manifest),
            client.AdapterBackedSqlClient(get_adapter_by_type("duckdb")),  # type: ignore[no-untyped-call]
        )
        self.marts = duckdb.connect(str(warehouse), read_only=True)

    def query(self, metrics: list[str], group_by: list[str]) -> Table:
        request = self._request(metric_names=metrics, group_by_names=group_by)
        sql = self._engine.explain(request).sql_statement.sql
        names = ", ".join([*group_by, *metrics])
        return self.select(f"select {names} from ({sql})", len(group_by))

    def select(self, sql: str, keys: int) -> Table:
        """The rows by their first columns."""
        relation = self.marts.execute(sql)
        names = [column[0] for column in relation.description or []][keys:]
        rows = relation.fetchall()
        found = {row[:keys]: dict(zip(names, row[keys:], strict=True)) for row in rows}
        assert len(found) == len(rows), "two rows of one group"
        return found


# What the small plant lacks: rows in which each two columns of a mart differ.
ADDED = """
update marts.mart_on_time_monthly
set not_yet_due = done_late + 1,
    on_time_product = (done_by_due + done_late + 1) / nullif(due_orders, 0);
update marts.mart_pm_compliance_monthly
set done_within_day = done_by_due + 1,
    done_within_tolerance = done_by_due + 2,
    compliance_within_day = (done_by_due + 1) / due_orders,
    compliance_within_tolerance = (done_by_due + 2) / due_orders;
update marts.mart_backlog_weekly
set crew_hours = case when site_location_id % 4 != 0 then 40 end,
    backlog_hours = case when site_location_id % 4 != 1 then open_orders * 3 end,
    ready_hours = case when site_location_id % 4 != 2 then open_orders * 2 end;
update marts.mart_backlog_weekly
set backlog_weeks = backlog_hours / crew_hours, ready_weeks = ready_hours / crew_hours;
update marts.mart_request_funnel_monthly
set requests_with_lead = requests_with_order - 1,
    lead_coverage = (requests_with_order - 1) / requests_with_order,
    mean_lead_hours = 7
where requests_with_order > 1;
update marts.fct_work_order_sla set response_hours = resolution_hours / 2
where work_order_id % 2 = 0;
"""


@pytest.fixture(scope="module")
def metrics(small_plant: Plant, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Metrics]:
    warehouse = small_plant.loaders.copied(tmp_path_factory.mktemp("metrics"))
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute(ADDED)
    found = Metrics(small_plant, warehouse)
    yield found
    found.marts.close()


def assert_equal(found: Table, wanted: Table) -> None:
    assert found.keys() == wanted.keys()
    for key, row in wanted.items():
        for name, value in row.items():
            same = found[key][name]
            assert (same is None) == (value is None), (key, name, same, value)
            if value is not None:
                assert math.isclose(same, value, rel_tol=1e-9, abs_tol=1e-9), (key, name)


def test_every_metric_is_compared_with_its_mart(metrics: Metrics) -> None:
    compared = [name for mart in MARTS.values() for name in mart.metrics] + list(SHARES)
    assert sorted(compared) == sorted(metric.name for metric in metrics.manifest.metrics)


@pytest.mark.parametrize("name", MARTS)
def test_metrics_equal_the_columns_of_their_mart(metrics: Metrics, name: str) -> None:
    """At the grain of the mart; then by organization and time, of sums of numerators and
    denominators. No two metrics have the same values."""
    mart = MARTS[name]
    grain, column = mart.time
    time = {f"metric_time__{grain}": f"date_trunc('{grain}', {column})"}
    table = f"marts.{name.split(maxsplit=1)[0]}"
    for keys in (time | mart.organization | mart.keys, time | mart.organization):
        found = metrics.query(list(mart.metrics), list(keys))
        aggregates = {
            metric: f"sum({how})" if isinstance(how, str) else how[1]
            for metric, how in mart.metrics.items()
        }
        wanted = metrics.select(
            f"select {', '.join(keys.values())},"
            + ",".join(f"{sql} as {metric}" for metric, sql in aggregates.items())
            + f" from {table} where {column} is not null group by {', '.join(keys.values())}",
            len(keys),
        )
        assert_equal({key: row for key, row in found.items() if key[0] is not None}, wanted)
    keys = time | mart.organization | mart.keys
    columns = {
        metric: how if isinstance(how, str) else how[0]
        for metric, how in mart.metrics.items()
        if isinstance(how, str) or how[0]
    }
    if not name.startswith("fct_") and columns:
        chosen = ",".join(f"{sql} as {metric}" for metric, sql in columns.items())
        wanted = metrics.select(
            f"select {', '.join(keys.values())}, {chosen} from {table}", len(keys)
        )
        assert_equal(metrics.query(list(columns), list(keys)), wanted)
    rows = metrics.query(list(mart.metrics), ["metric_time__year", "organization"]).values()
    values = {metric: tuple(row[metric] for row in rows) for metric in mart.metrics}
    alike = [
        metric
        for metric, found in values.items()
        if not any(found) or list(values.values()).count(found) > 1
    ]
    assert alike == [], "no row tells these metrics apart"


def test_shares_of_a_type_equal_those_of_the_mart(metrics: Metrics) -> None:
    keys = ["metric_time__month", "organization", "site"]
    found = metrics.query(list(SHARES), keys)
    key = f"date_trunc('month', month_start_on), organization_id, {SITE}"
    months = metrics.select(
        f"select distinct {key}, total_done_orders, total_logged_hours"
        " from marts.mart_work_mix_monthly",
        3,
    )
    for metric, (kind, column, share) in SHARES.items():
        rows = metrics.select(
            f"select {key}, {share or column} as value"
            f" from marts.mart_work_mix_monthly where work_type = '{kind}'",
            3,
        )
        for month, total in months.items():
            known = share is None or total[f"total_{column}"]
            value = rows[month]["value"] if month in rows else 0 if known else None
            assert_equal({month: {metric: found[month][metric]}}, {month: {metric: value}})


def test_stocks_are_not_added_up_over_time(metrics: Metrics) -> None:
    """Over a year the last week or month of each site or asset counts."""
    for metric, table, column, each, sql in (
        ("open_orders", "mart_backlog_weekly", "week_start_on", SITE, "sum(open_orders)"),
        (
            "mtbf_hours",
            "mart_asset_reliability_monthly",
            "month_start_on",
            ASSET,
            ratio("required_hours_12m - ignored_hours_12m - down_hours_12m", "failures_12m")[1],
        ),
    ):
        wanted = metrics.select(
            f"select date_trunc('year', {column}), {sql} as {metric} from ("
            f"select * from marts.{table} qualify {column} = max({column})"
            f" over (partition by {each}, date_trunc('year', {column}))) group by 1",
            1,
        )
        assert_equal(metrics.query([metric], ["metric_time__year"]), wanted)


def test_names_of_sites_organizations_and_assets_are_those_of_the_marts(metrics: Metrics) -> None:
    found = metrics.query(
        ["maintenance_cost"],
        ["organization__organization_name", "site__site_label", "asset__asset_name"],
    )
    wanted = metrics.select(
        "select organization_name, nullif(site_label, ''), asset_name,"
        " sum(total_cost) as maintenance_cost from marts.mart_maintenance_cost_monthly"
        " inner join marts.dim_organizations using (organization_id)"
        " where asset_name != '' group by 1, 2, 3",
        3,
    )
    assert_equal({key: row for key, row in found.items() if key[2]}, wanted)


def test_the_command_answers_as_the_mart(
    metrics: Metrics, small_plant: Plant, tmp_path: Path
) -> None:
    """`mf query` with a filter, over two marts. It reads `target` of the folder that it runs in."""
    project = tmp_path / "project"
    (project / "target").mkdir(parents=True)
    for file in ("dbt_project.yml", "profiles.yml"):
        shutil.copy(PROJECT / file, project)
    shutil.copy(small_plant.target / "semantic_manifest.json", project / "target")
    said = subprocess.run(
        [
            *(str(Path(sys.executable).with_name("mf")), "query"),
            *("--metrics", "pm_compliance,on_time_strict"),
            *("--group-by", "metric_time__month,site__site_label"),
            *("--where", "{{ TimeDimension('metric_time', 'month') }} >= '2026-01-01'"),
            *("--csv", str(tmp_path / "answer.csv")),
        ],
        check=False,
        cwd=project,
        env=os.environ | {"MAINTAINX_WAREHOUSE": str(small_plant.loaders.copied(tmp_path))},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert said.returncode == 0, said.stdout + said.stderr
    with (tmp_path / "answer.csv").open(newline="") as answer:
        found = {
            (row["metric_time__month"][:10], row["site__site_label"]): row["pm_compliance"]
            for row in csv.DictReader(answer)
        }
    wanted = metrics.select(
        "select month_start_on::text, site_label, compliance from marts.mart_pm_compliance_monthly"
        " where month_start_on >= '2026-01-01' and site_label != ''",
        2,
    )
    assert wanted
    for key, row in wanted.items():
        assert float(found[key]) == pytest.approx(row["compliance"])
