"""The oracle's version of the report marts, of SLA hours, of purchase orders and of what stands
below records: plain Python over the records of the source."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from sandbox import Sandbox
from tests.python.oracle import (
    downtime,
    labour,
    money,
    people,
    purchases,
    schedule,
    sla,
    stock,
    work,
)
from tests.python.oracle.organization import Organization, Row


@dataclass(frozen=True)
class Mart:
    """key: the primary key columns without the organization."""

    key: tuple[str, ...]
    rows: Callable[[Organization], Iterator[Row]]


MONTH, WEEK, SITE, ASSET = "month_start_on", "week_start_on", "site_location_id", "asset_id"

MARTS: Mapping[str, Mart] = {
    "mart_backlog_weekly": Mart((WEEK, SITE), work.backlog_weekly),
    "mart_overdue_work_orders": Mart(("work_order_id",), work.overdue_work_orders),
    "mart_shift_board": Mart(("work_order_id",), work.shift_board),
    "mart_pm_compliance_monthly": Mart((MONTH, SITE), work.pm_compliance_monthly),
    "mart_on_time_monthly": Mart((MONTH, SITE, "work_type"), work.on_time_monthly),
    "mart_schedule_compliance_weekly": Mart((WEEK, SITE), schedule.schedule_compliance_weekly),
    "mart_labour_utilization_weekly": Mart(
        (WEEK, "crew_type", "crew_id"), labour.labour_utilization_weekly
    ),
    "mart_bad_actors": Mart((ASSET,), downtime.bad_actors),
    "mart_downtime_reasons": Mart((ASSET, "reason"), downtime.downtime_reasons),
    "mart_asset_reliability_monthly": Mart((ASSET, MONTH), downtime.asset_reliability_monthly),
    "mart_work_mix_monthly": Mart((MONTH, SITE, "work_type"), work.work_mix_monthly),
    "mart_maintenance_cost_monthly": Mart((MONTH, SITE, ASSET), money.maintenance_cost_monthly),
    "mart_cost_vs_replacement": Mart((ASSET,), money.cost_vs_replacement),
    "mart_workload_weekly": Mart(
        (WEEK, "assignee_type", "assignee_id", SITE), work.workload_weekly
    ),
    "fct_work_order_sla": Mart(("work_order_id",), sla.work_order_sla),
    "mart_parts_health": Mart(("part_id", "location_id"), stock.parts_health),
    "fct_purchase_orders": Mart(("purchase_order_id",), purchases.purchase_orders),
    "fct_purchase_order_lines": Mart(
        ("purchase_order_id", "line_number"), purchases.purchase_order_lines
    ),
    "mart_vendor_delivery": Mart(("vendor_id",), purchases.vendor_delivery),
    "mart_part_delivery": Mart(("part_id", "vendor_id"), purchases.part_delivery),
    "mart_request_funnel_monthly": Mart((MONTH, SITE), stock.request_funnel_monthly),
    "fct_work_orders": Mart(("work_order_id",), people.families),
    "fct_work_order_comments": Mart(("work_order_id", "comment_id"), people.comments),
    "bridge_team_members": Mart(("team_id", "user_id"), people.team_members),
    "dim_vendor_contacts": Mart(("contact_id",), people.vendor_contacts),
    "mart_workload_of_people_weekly": Mart((WEEK, "user_id", SITE), people.workload_of_people),
}


def organizations(sandbox: Sandbox) -> list[Organization]:
    """The data of a sandbox by organization."""
    return [Organization(sandbox, each) for each in sandbox.organization_ids]


def rows_of(name: str, among: list[Organization]) -> list[Row]:
    """All rows of a mart, with their organization."""
    return [
        {"organization_id": organization.id, **row}
        for organization in among
        for row in MARTS[name].rows(organization)
    ]
