"""The schedule of each week as it was when the week began, and what became of it."""

from collections.abc import Iterator
from datetime import date, datetime

from tests.python.oracle.clock import Calendar, instant, monday
from tests.python.oracle.history import Version, changes
from tests.python.oracle.organization import CLOSED, Order, Organization, Row, ratio
from tests.python.oracle.work import WEEK

Place = tuple[date, int]


def schedule_compliance_weekly(organization: Organization) -> Iterator[Row]:
    orders = [order for order in organization.counted if order.status != "CANCELED"]
    scheduled: dict[Place, list[Order]] = {}
    break_in: dict[Place, list[bool]] = {}
    unknown: dict[Place, int] = {}
    calendars: dict[int, Calendar] = {}
    for order in orders:
        plans: dict[date, Place] = {}
        for version in order.versions:
            site = organization.site(version.record.get("locationId"))
            calendar = organization.calendar(version.record.get("locationId"))
            calendars[site] = calendar
            week = _planned(version, calendar)
            if (
                week
                and version.record["status"] not in CLOSED
                and _valid(order.versions, calendar.begins(week)) is version
            ):
                plans[week] = (week, site)
                scheduled.setdefault((week, site), []).append(order)
        worked = _worked(order)
        for week in worked - plans.keys():
            begins_at = order.calendar.begins(week)
            held = _valid(order.versions, begins_at)
            place = (week, order.site_id)
            if held or order.created_at >= begins_at:
                planned = instant(held.record.get("startDate")) if held else None
                break_in.setdefault(place, []).append(planned is not None and planned < begins_at)
            else:
                unknown[place] = unknown.get(place, 0) + 1
        first = order.versions[0]
        calendar = organization.calendar(first.record.get("locationId"))
        week = _planned(first, calendar)
        if (
            week
            and week not in worked
            and (order.created_at < calendar.begins(week) < first.began_at)
        ):
            place = (week, organization.site(first.record.get("locationId")))
            unknown[place] = unknown.get(place, 0) + 1

    first_week = min(monday(order.created_on) for order in orders)
    for site, calendar in calendars.items():
        for number in range((monday(calendar.today) - first_week) // WEEK + 1):
            week = first_week + number * WEEK
            is_known = calendar.begins(week) >= organization.history_began_at
            due, others = scheduled.get((week, site), []), break_in.get((week, site), [])
            done = [
                order
                for order in due
                if order.done_at and calendar.begins(week) <= order.done_at < _ends(calendar, week)
            ]
            unseen = unknown.get((week, site), 0)
            figures: Row = {
                "scheduled_orders": len(due),
                "done_orders": len(done),
                "compliance": ratio(len(done), len(due)),
                "break_in_orders": len(others),
                "carried_over_orders": sum(others),
                "break_in_share": ratio(len(others), len(due) + len(others)),
                "unknown_orders": unseen,
                "schedule_coverage": ratio(len(due) + len(others), len(due) + len(others) + unseen),
            }
            yield {
                "week_start_on": week,
                "site_location_id": site,
                **organization.site_columns(site),
                **(figures if is_known else dict.fromkeys(figures)),
                "is_known": is_known,
                "is_complete": _ends(calendar, week) <= calendar.as_of,
            }


def _planned(version: Version, calendar: Calendar) -> date | None:
    """The week of the start date of a version."""
    start_at = instant(version.record.get("startDate"))
    return monday(calendar.day(start_at)) if start_at else None


def _valid(told: list[Version], moment: datetime) -> Version | None:
    """The version of a record at a moment."""
    return next((each for each in reversed(told) if each.began_at <= moment), None)


def _worked(order: Order) -> set[date]:
    """The weeks in which an order was done, or was seen to be started."""
    weeks = {monday(order.completed_on)} if order.done_at and order.completed_on else set()
    for change in changes(order.versions):
        week = monday(order.calendar.day(change.happened_at))
        if change.status == "IN_PROGRESS" and (change.is_seen or week == monday(order.created_on)):
            weeks.add(week)
    return weeks


def _ends(calendar: Calendar, week: date) -> datetime:
    return calendar.begins(week + WEEK)
