"""Marts of work orders: backlog, overdue, on time, planned maintenance, mix, workload."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from statistics import median

from tests.python.oracle.clock import DAY, Calendar, monday, month
from tests.python.oracle.history import changes
from tests.python.oracle.organization import CLOSED, Order, Organization, Row, grouped, ratio

WEEK = 7 * DAY
INSTANT = timedelta(microseconds=1)
LABELS = {"OPEN": "Pending", "IN_PROGRESS": "In Progress", "ON_HOLD": "Paused"}
BUCKETS = ((7, "0-7"), (30, "8-30"), (90, "31-90"), (180, "91-180"))


class Estimates:
    """Estimated hours of orders. Without an estimate: the median of the type, else the median of
    all orders, else None."""

    def __init__(self, orders: list[Order]) -> None:
        known = [order for order in orders if order.estimated_hours is not None]
        self._of_type = {
            work_type: _median(group)
            for work_type, group in grouped(known, lambda order: order.work_type).items()
        }
        self._of_all = _median(known) if known else None

    def sum(self, orders: Iterable[Order], divided: bool = False) -> float | None:
        """Hours of the orders; None where there are orders and no estimate at all. divided: among
        the assignees of each."""
        found = [(self.of(order), len(order.assignees) if divided else 1) for order in orders]
        known = [hours / parts for hours, parts in found if hours is not None]
        return sum(known) if known or not found else None

    def of(self, order: Order) -> float | None:
        if order.estimated_hours is not None:
            return order.estimated_hours
        return self._of_type.get(order.work_type, self._of_all)


def _median(orders: list[Order]) -> float:
    return float(median(order.estimated_hours or 0 for order in orders))


def backlog_weekly(organization: Organization) -> Iterator[Row]:
    estimates = Estimates(organization.counted)
    # Orders of a site share a calendar, and its weeks end with its own today.
    calendars = {order.site_id: order.calendar for order in organization.counted}
    # What is open at the end of each week, as (order, status); and how many changed in it.
    states: dict[tuple[date, int], list[tuple[Order, str]]] = {}
    opened: dict[tuple[date, int], int] = {}
    closed: dict[tuple[date, int], int] = {}

    def end(week: date, calendar: Calendar) -> datetime:
        is_last = week == monday(calendar.today)
        return calendar.as_of + INSTANT if is_last else calendar.begins(week + WEEK)

    for order in organization.counted:
        history = changes(order.versions)
        calendar, this_week = order.calendar, monday(order.calendar.today)
        ends = [change.happened_at for change in history[1:]]
        was_open = False
        for change, until in zip(history, [*ends, None], strict=True):
            week = monday(calendar.day(change.happened_at))
            is_open = change.status not in CLOSED
            if is_open != was_open:
                tally = opened if is_open else closed
                tally[week, order.site_id] = tally.get((week, order.site_id), 0) + 1
            was_open = is_open
            while is_open and week <= this_week and (until is None or end(week, calendar) <= until):
                states.setdefault((week, order.site_id), []).append((order, change.status))
                week += WEEK

    first_week = min(monday(order.created_on) for order in organization.counted)
    for site, calendar in calendars.items():
        for number in range((monday(calendar.today) - first_week) // WEEK + 1):
            week = first_week + number * WEEK
            state = states.get((week, site), [])
            backlog = [
                (order, status)
                for order, status in state
                if order.start_at is None or order.start_at < end(week, calendar)
            ]
            ready = [order for order, status in backlog if status != "ON_HOLD"]
            estimated = sum(order.estimated_hours is not None for order, _ in backlog)
            backlog_hours = estimates.sum(order for order, _ in backlog)
            ready_hours = estimates.sum(ready)
            crew = organization.crew_hours.get(site)
            opened_orders = opened.get((week, site), 0)
            closed_orders = closed.get((week, site), 0)
            yield {
                "week_start_on": week,
                "site_location_id": site,
                "open_orders": len(state),
                "backlog_orders": len(backlog),
                "ready_orders": len(ready),
                "backlog_hours": backlog_hours,
                "ready_hours": ready_hours,
                "estimated_orders": estimated,
                "estimate_coverage": ratio(estimated, len(backlog)),
                "crew_hours": crew,
                "backlog_weeks": crew and backlog_hours and backlog_hours / crew,
                "ready_weeks": crew and ready_hours and ready_hours / crew,
                "opened_orders": opened_orders,
                "closed_orders": closed_orders,
                "net_change": opened_orders - closed_orders,
            }


def bucket(days: int) -> str:
    return next((name for limit, name in BUCKETS if days <= limit), "over 180")


def _described(organization: Organization, order: Order) -> Row:
    """What each list of open orders says of one."""
    return {
        "work_order_id": order.id,
        "title": order.record["title"],
        "work_order_url": f"https://app.getmaintainx.com/workorders/{order.id}",
        "site_label": organization.site_columns(order.site_id)["site_label"] or None,
        "site_name": order.site_name,
        "location_path": order.location_path,
        "asset_name": order.asset_name,
        "assignee_names": order.assignee_names,
        "source_priority": order.record["priority"],
        "work_type": order.work_type,
        "status": LABELS[order.status],
        "due_on": order.due_on,
        "is_on_hold": order.status == "ON_HOLD",
    }


def overdue_work_orders(organization: Organization) -> Iterator[Row]:
    for order in organization.counted:
        if not order.is_overdue or not order.due_on:
            continue
        today = order.calendar.today
        age_days = (today - order.created_on).days
        overdue_days = (today - order.due_on).days
        yield {
            **_described(organization, order),
            "overdue_days": overdue_days,
            "overdue_bucket": bucket(overdue_days),
            "age_days": age_days,
            "age_bucket": bucket(age_days),
            "estimated_hours": order.estimated_hours,
        }


def shift_board(organization: Organization) -> Iterator[Row]:
    """The weights are those of the seed as it is delivered: 40, 30, 20 and 10."""
    for order in organization.counted:
        if not order.is_open or order.is_upcoming:
            continue
        today = order.calendar.today
        rank = ("NONE", "LOW", "MEDIUM", "HIGH").index(order.record["priority"] or "NONE")
        overdue_days = (today - order.due_on).days if order.is_overdue and order.due_on else None
        age_days = (today - order.created_on).days
        asset = organization.assets.get(order.asset_id) or {}
        is_down = (asset.get("status") or {}).get("status") == "OFFLINE"
        points = (40 * rank / 3, 30 * min((overdue_days or 0) / 14, 1), 20 * is_down)
        yield {
            **_described(organization, order),
            "priority_score": sum(points) + 10 * min(age_days / 90, 1),
            "priority_points": points[0],
            "overdue_days_points": points[1],
            "asset_down_points": points[2],
            "age_days_points": 10 * min(age_days / 90, 1),
            "overdue_days": overdue_days,
            "age_days": age_days,
            "is_overdue": order.is_overdue,
            "is_asset_down": is_down,
        }


def _due(organization: Organization) -> list[tuple[Order, date, datetime]]:
    """Orders due up to this month, with the month and the deadline."""
    return [
        (order, month(order.due_on), order.deadline)
        for order in organization.counted
        if order.due_on
        and order.deadline
        and order.status != "CANCELED"
        and month(order.due_on) <= month(order.calendar.today)
    ]


def pm_compliance_monthly(organization: Organization) -> Iterator[Row]:
    planned = [each for each in _due(organization) if each[0].work_type == "PREVENTIVE"]
    for (start, site), due in grouped(planned, lambda each: (each[1], each[0].site_id)).items():
        by_due = sum(order.is_done_by(deadline) for order, _, deadline in due)
        within_day = sum(order.is_done_by(deadline + DAY) for order, _, deadline in due)
        tolerated = sum(
            order.is_done_by(deadline + min(0.2 * (order.interval_days or 0), 28) * DAY)
            for order, _, deadline in due
        )
        done = [order for order, _, _ in due if order.is_done]
        timed = [order for order in done if order.done_at]
        yield {
            "month_start_on": start,
            "site_location_id": site,
            "due_orders": len(due),
            "done_by_due": by_due,
            "done_within_day": within_day,
            "done_within_tolerance": tolerated,
            "not_yet_due": sum(
                order.is_open and deadline > order.calendar.as_of for order, _, deadline in due
            ),
            "skipped": sum(order.status == "SKIPPED" for order, _, _ in due),
            "done_without_time": len(done) - len(timed),
            "compliance": ratio(by_due, len(due)),
            "compliance_within_day": ratio(within_day, len(due)),
            "compliance_within_tolerance": ratio(tolerated, len(due)),
            "time_coverage": ratio(len(timed), len(done)),
        }


def on_time_monthly(organization: Organization) -> Iterator[Row]:
    created = grouped(
        (order for order in organization.counted if order.status != "CANCELED"),
        lambda order: (month(order.created_on), order.site_id, order.work_type),
    )
    due = grouped(_due(organization), lambda each: (each[1], each[0].site_id, each[0].work_type))
    for key in created.keys() | due.keys():
        made = created.get(key, [])
        group = due.get(key, [])
        done = [(order, deadline) for order, _, deadline in group if order.is_done]
        timed = [(order, deadline) for order, deadline in done if order.done_at]
        still_open = [(order, deadline) for order, _, deadline in group if order.is_open]
        by_due = sum(order.is_done_by(deadline) for order, deadline in timed)
        not_yet_due = sum(deadline > order.calendar.as_of for order, deadline in still_open)
        yield {
            "month_start_on": key[0],
            "site_location_id": key[1],
            "work_type": key[2],
            "due_orders": len(group),
            "done_by_due": by_due,
            "not_yet_due": not_yet_due,
            "done_late": len(timed) - by_due,
            "open_late": len(still_open) - not_yet_due,
            "skipped": sum(order.status == "SKIPPED" for order, _, _ in group),
            "done_without_time": len(done) - len(timed),
            "on_time_strict": ratio(by_due, len(group)),
            "on_time_product": ratio(by_due + not_yet_due, len(group)),
            "due_date_coverage": ratio(sum(order.due_on is not None for order in made), len(made)),
            "time_coverage": ratio(len(timed), len(done)),
        }


def work_mix_monthly(organization: Organization) -> Iterator[Row]:
    completed = [
        (order, month(order.completed_on))
        for order in organization.counted
        if order.is_done and order.completed_on
    ]
    places = grouped(completed, lambda each: (each[1], each[0].site_id))
    for (start, site), all_types in places.items():
        total_hours = sum(order.logged_hours for order, _ in all_types)
        types = grouped((order for order, _ in all_types), lambda order: order.work_type)
        for work_type, orders in types.items():
            logged = sum(order.logged_hours for order in orders)
            with_hours = sum(order.logged_hours > 0 for order in orders)
            cycles = [order.cycle_hours for order in orders if order.cycle_hours is not None]
            yield {
                "month_start_on": start,
                "site_location_id": site,
                "work_type": work_type,
                "done_orders": len(orders),
                "total_done_orders": len(all_types),
                "order_share": ratio(len(orders), len(all_types)),
                "logged_hours": logged,
                "total_logged_hours": total_hours,
                "hour_share": ratio(logged, total_hours),
                "orders_with_hours": with_hours,
                "hour_coverage": ratio(with_hours, len(orders)),
                "orders_with_cycle": len(cycles),
                "mean_cycle_hours": ratio(sum(cycles), len(cycles)),
                "cycle_coverage": ratio(len(cycles), len(orders)),
            }


def workload_weekly(organization: Organization) -> Iterator[Row]:
    estimates = Estimates(organization.counted)
    loads = [
        (order, monday(max(order.due_on or order.calendar.today, order.calendar.today)), assignee)
        for order in organization.counted
        if order.is_open
        for assignee in order.assignees
    ]
    for (week, (kind, assignee_id), site), load in grouped(
        loads, lambda each: (each[1], each[2], each[0].site_id)
    ).items():
        orders = [order for order, _, _ in load]
        estimated = sum(order.estimated_hours is not None for order in orders)
        yield {
            "week_start_on": week,
            "assignee_type": kind,
            "assignee_id": assignee_id,
            "site_location_id": site,
            **organization.site_columns(site),
            "open_orders": len(orders),
            "overdue_orders": sum(order.is_overdue for order in orders),
            "undated_orders": sum(order.due_on is None for order in orders),
            "estimated_hours": sum(
                (order.estimated_hours or 0) / len(order.assignees) for order in orders
            ),
            "imputed_hours": estimates.sum(orders, divided=True),
            "estimate_coverage": ratio(estimated, len(orders)),
        }
