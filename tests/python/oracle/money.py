"""Marts of money: maintenance cost, and repair or replacement of assets."""

from collections.abc import Iterator

from tests.python.oracle.clock import month
from tests.python.oracle.organization import Order, Organization, Row, grouped, ratio


def costed_in_last_year(organization: Organization) -> dict[int, list[Order]]:
    """Asset (0: none) -> orders whose costs belong to the last twelve months."""
    recent = [
        order for order in organization.orders if order.calendar.is_in_last_year(order.cost_on)
    ]
    return grouped(recent, lambda order: order.asset_id)


def maintenance_cost_monthly(organization: Organization) -> Iterator[Row]:
    cells = grouped(
        organization.orders, lambda order: (month(order.cost_on), order.site_id, order.asset_id)
    )
    for (start, site, asset), orders in cells.items():
        # What was logged on a parent is in the sums, the parent in no count.
        counted = [order for order in orders if not order.is_parent]
        with_cost = sum(bool(order.entries) for order in counted)
        if not counted and not any(order.entries for order in orders):
            continue
        yield {
            "month_start_on": start,
            "site_location_id": site,
            "asset_id": asset,
            "labour_cost": sum(order.cost("TIME") for order in orders),
            "parts_cost": sum(order.cost("PART") for order in orders),
            "other_cost": sum(order.cost("EXPENSE") for order in orders),
            "total_cost": sum(order.cost() for order in orders),
            "currency": organization.currency,
            "orders": len(counted),
            "orders_with_cost": with_cost,
            "cost_coverage": ratio(with_cost, len(counted)),
        }


def cost_vs_replacement(organization: Organization) -> Iterator[Row]:
    recent = costed_in_last_year(organization)
    for asset_id, asset in organization.assets.items():
        depreciation = asset.get("depreciation") or {}
        price = depreciation.get("purchasePrice")
        life, age = depreciation.get("usefulLifeYears"), depreciation.get("yearsDepreciated")
        site = organization.site(asset.get("locationId"))
        cost = sum(order.cost() for order in recent.get(asset_id, []))
        yield {
            "asset_id": asset_id,
            "site_location_id": site or None,
            **{key: text or None for key, text in organization.site_columns(site).items()},
            "purchase_price": price,
            "cost_12m": cost,
            "cost_share": ratio(cost, price or 0),
            "currency": organization.currency,
            "has_purchase_price": price is not None,
            "book_value": depreciation.get("currentBookValue"),
            "useful_life_years": life,
            "remaining_life_years": None if life is None or age is None else max(life - age, 0),
            "as_of_on": organization.calendar(asset.get("locationId")).today,
        }
