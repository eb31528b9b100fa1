"""Logged hours against the hours of the crews, by site, team and user."""

from collections.abc import Iterator

from tests.python.oracle.clock import monday
from tests.python.oracle.organization import Organization, Row, grouped, ratio
from tests.python.oracle.work import WEEK


def labour_utilization_weekly(organization: Organization) -> Iterator[Row]:
    """Crews of the seed are of whole sites: no user and no team has available hours."""
    teams_of = grouped(
        (
            (member["id"], team_id)
            for team_id, members in organization.members.items()
            for member in members
        ),
        lambda each: each[0],
    )
    today = organization.calendar(None).today
    done = [
        (order, monday(order.completed_on))
        for order in organization.orders
        if order.is_done and order.completed_on and order.work_type != "CYCLE_COUNT"
    ]
    logged = [
        (crew, week, order.id, entry.hours)
        for order, week in done
        for entry in order.entries
        for crew in (
            ("SITE", order.site_id),
            ("USER", entry.user_id),
            *(("TEAM", team_id) for _, team_id in teams_of.get(entry.user_id, ())),
        )
        if entry.hours > 0 and crew[1] is not None
    ]
    counted = grouped(
        (each for each in done if each[0].is_counted), lambda each: (each[0].site_id, each[1])
    )
    first = min(week for _, week, _, _ in logged)
    of_crew = grouped(logged, lambda each: each[0])
    for crew in of_crew.keys() | {("SITE", site) for site in organization.crew_hours}:
        kind, number = crew
        weeks = grouped(of_crew.get(crew, []), lambda each: each[1])
        week = min(weeks, default=first)
        while week <= max(monday(today), *weeks, first):
            entries = weeks.get(week, [])
            spent = sum(hours for _, _, _, hours in entries)
            available = organization.crew_hours.get(number or 0) if kind == "SITE" else None
            orders = [order for order, _ in counted.get((number or 0, week), [])]
            with_hours = sum(order.logged_hours > 0 for order in orders)
            yield {
                "week_start_on": week,
                "crew_type": kind,
                "crew_id": number,
                "logged_hours": float(spent),
                "logged_orders": len({order for _, _, order, _ in entries}),
                "available_hours": available,
                "utilization": available and spent / available,
                "done_orders": len(orders) if kind == "SITE" else None,
                "orders_with_hours": with_hours if kind == "SITE" else None,
                "hour_coverage": ratio(with_hours, len(orders)) if kind == "SITE" else None,
                "has_crew_hours": available is not None,
                "is_complete": week + WEEK <= today,
            }
            week += WEEK
