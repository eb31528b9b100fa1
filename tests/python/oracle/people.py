"""What stands below records: comments, members of teams, contacts, families of orders."""

from collections.abc import Iterator
from decimal import Decimal

from tests.python.oracle.clock import instant
from tests.python.oracle.organization import Organization, Row, grouped
from tests.python.oracle.work import workload_weekly


def comments(organization: Organization) -> Iterator[Row]:
    calendars = {order.id: order.calendar for order in organization.orders}
    for order_id, told in organization.comments.items():
        for number, comment in enumerate(told, 1):
            created = instant(comment["createdAt"])
            yield {
                "work_order_id": order_id,
                "comment_id": comment["id"],
                "author_user_id": comment["authorId"],
                "author_name": organization.user_name(comment["authorId"]),
                "content": comment["content"],
                "comment_number": number,
                "is_deleted": False,
                "created_on": created and calendars[order_id].day(created),
            }


def team_members(organization: Organization) -> Iterator[Row]:
    for team_id, members in organization.members.items():
        for member in members:
            yield {
                "team_id": team_id,
                "user_id": member["id"],
                "team_name": organization.team_name(team_id),
                "user_name": organization.user_name(member["id"]),
                "team_role": member["teamRole"],
            }


def vendor_contacts(organization: Organization) -> Iterator[Row]:
    for vendor_id, contacts in organization.contacts.items():
        for contact in contacts:
            yield {
                "contact_id": contact["id"],
                "vendor_id": vendor_id,
                "contact_name": contact["name"],
                "contact_role": contact["role"],
                "email": contact["email"],
                "phone_number": contact["phoneNumber"],
                "phone_extension": contact["extension"],
                "vendor_name": organization.vendors[vendor_id]["name"],
                "is_deleted": False,
            }


def families(organization: Organization) -> Iterator[Row]:
    """Columns of fct_work_orders."""
    children = grouped(organization.orders, lambda order: order.record.get("parentId"))
    for order in organization.orders:
        own = children.get(order.id, [])
        yield {
            "work_order_id": order.id,
            "parent_work_order_id": order.record.get("parentId"),
            "sub_work_order_count": len(own),
            "logged_hours_with_sub_work_orders": sum(each.logged_hours for each in [order, *own]),
            "total_cost_with_sub_work_orders": sum(
                (each.cost() for each in [order, *own]), Decimal(0)
            ),
        }


def workload_of_people(organization: Organization) -> Iterator[Row]:
    shares: list[tuple[tuple[object, int, int], str, int, float | None]] = []
    for load in workload_weekly(organization):
        place = (load["week_start_on"], load["site_location_id"])
        kind, hours, text = load["assignee_type"], load["imputed_hours"], load["assignee_id"]
        if not text.isdecimal():
            continue
        people = [int(text)]
        if kind == "TEAM":
            people = [member["id"] for member in organization.members.get(int(text), [])]
        for person in people:
            share = None if hours is None else hours / len(people)
            shares.append(((place[0], person, place[1]), kind, load["open_orders"], share))
    for (week, person, site), parts in grouped(shares, lambda part: part[0]).items():
        known = [part for part in parts if part[3] is not None]
        sums = {
            kind: sum(share for _, of, _, share in known if of == kind and share is not None)
            for kind in ("USER", "TEAM")
        }
        yield {
            "week_start_on": week,
            "user_id": person,
            "site_location_id": site,
            **organization.site_columns(site),
            "own_orders": sum(count for _, kind, count, _ in parts if kind == "USER"),
            "team_orders": sum(count for _, kind, count, _ in parts if kind == "TEAM"),
            "own_hours": sums["USER"] if known else None,
            "team_hours": sums["TEAM"] if known else None,
            "total_hours": sums["USER"] + sums["TEAM"] if known else None,
        }
