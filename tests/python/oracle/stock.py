"""Marts of parts and requests: stock, and response times."""

from collections.abc import Iterator
from datetime import date
from statistics import fmean, median

from tests.python.oracle.clock import Calendar, hours, instant, month
from tests.python.oracle.history import Record
from tests.python.oracle.organization import Organization, Row, amount, grouped, ratio

DECIDED = ("APPROVED", "REJECTED", "DONE")


def _used_in_last_year(organization: Organization) -> dict[tuple[int, int], int]:
    """(part, location) -> quantity that done orders used from there."""
    used: dict[tuple[int, int], int] = {}
    for order in organization.orders:
        if order.is_parent or not order.is_done or not order.completed_on:
            continue
        if order.calendar.is_in_last_year(order.completed_on):
            for part in order.record.get("parts") or ():
                key = part["id"], _place(part)
                used[key] = used.get(key, 0) + part["quantityUsed"]
    return used


def parts_health(organization: Organization) -> Iterator[Row]:
    used = _used_in_last_year(organization)
    for part_id, part in organization.parts.items():
        shelves = grouped(
            part.get("locations") or [part], lambda shelf: shelf.get("locationId") or 0
        )
        for location_id, group in shelves.items():
            yield {
                "part_id": part_id,
                "location_id": location_id,
                **_stock(organization.calendar(location_id), part, group),
                "used_quantity_12m": used.get((part_id, location_id), 0),
                # By part, because no order says which location a part on order is for.
                "on_order_quantity": part.get("orderedQuantity"),
                "currency": organization.currency,
                "as_of_on": organization.calendar(location_id).today,
            }


def _place(shelf: Record) -> int:
    return shelf.get("locationId") or 0


def _stock(calendar: Calendar, part: Record, shelves: list[Record]) -> Row:
    available = sum(shelf.get("availableQuantity") or 0 for shelf in shelves)
    asked = [shelf.get("minimumQuantity") for shelf in shelves]
    minima = [quantity for quantity in asked if quantity is not None]
    minimum = sum(minima) if minima else None
    is_out = available <= 0
    is_below = minimum is not None and available < minimum
    seen = instant(part["updatedAt"])
    assert seen
    days_so_far = (calendar.today - calendar.day(seen)).days
    cost = amount(part.get("unitCost"))
    return {
        "available_quantity": available,
        "minimum_quantity": minimum,
        "is_out_of_stock": is_out,
        "is_below_minimum": is_below,
        "days_out_of_stock": days_so_far if is_out else None,
        "days_below_minimum": days_so_far if is_below else None,
        "unit_cost": cost,
        "stock_value": None if cost is None else cost * available,
    }


def request_funnel_monthly(organization: Organization) -> Iterator[Row]:
    created = {order.id: order.created_at for order in organization.orders}
    by_month = grouped(
        organization.requests,
        lambda request: (
            month(_asked_on(organization, request)),
            organization.site(request.get("locationId")),
        ),
    )
    for (start, site), requests in by_month.items():
        statuses = [request["requestStatus"] for request in requests]
        decided = sum(status in DECIDED for status in statuses)
        with_order = [
            request
            for request in requests
            if request["requestStatus"] in DECIDED and request.get("workOrderId")
        ]
        leads = []
        for request in with_order:
            asked, answered = instant(request["createdAt"]), created.get(request["workOrderId"])
            if asked and answered and answered >= asked:
                leads.append(hours(answered - asked))
        yield {
            "month_start_on": start,
            "site_location_id": site,
            **organization.site_columns(site),
            "requests": len(requests),
            "pending_requests": statuses.count("PENDING"),
            "decided_requests": decided,
            "rejected_requests": statuses.count("REJECTED"),
            "requests_with_order": len(with_order),
            "order_rate": ratio(len(with_order), decided),
            "mean_lead_hours": fmean(leads) if leads else None,
            "median_lead_hours": median(leads) if leads else None,
            "lead_coverage": ratio(len(leads), len(with_order)),
        }


def _asked_on(organization: Organization, request: Record) -> date:
    asked = instant(request["createdAt"])
    assert asked
    return organization.calendar(request.get("locationId")).day(asked)
