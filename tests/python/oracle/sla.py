"""Hours of work orders until work began and until it was done; no targets, no business hours."""

from collections.abc import Iterator
from datetime import timedelta

from tests.python.oracle.clock import hours
from tests.python.oracle.history import changes
from tests.python.oracle.organization import Order, Organization, Row


def work_order_sla(organization: Organization) -> Iterator[Row]:
    for order in organization.counted:
        history = changes(order.versions)
        is_seen = all(change.is_seen for change in history[1:2])
        stopped_at = order.calendar.as_of if order.is_open else order.done_at
        is_known = is_seen and order.created_at >= min(
            organization.history_began_at, order.versions[0].began_at
        )
        on_hold = None
        if is_known and stopped_at:
            ends = [*(change.happened_at for change in history[1:]), stopped_at]
            spans = [
                min(end, stopped_at) - change.happened_at
                for change, end in zip(history, ends, strict=True)
                if change.status == "ON_HOLD"
            ]
            on_hold = hours(sum(spans, timedelta()))
        yield {
            "work_order_id": order.id,
            "site_location_id": order.site_id,
            "response_hours": _response(order) if is_seen else None,
            "resolution_hours": order.done_at and hours(order.done_at - order.created_at),
            "hold_hours": on_hold,
            "hold_business_hours": on_hold,
            "resolution_hours_without_hold": None
            if order.done_at is None or on_hold is None
            else hours(order.done_at - order.created_at) - on_hold,
            "hours_left": None,
            "is_observed_from_start": is_seen,
            "is_hold_known": is_known,
            "is_resolution_breached": None,
        }


def _response(order: Order) -> float | None:
    begun = [
        change.happened_at for change in changes(order.versions) if change.status == "IN_PROGRESS"
    ]
    return hours(begun[0] - order.created_at) if begun else None
