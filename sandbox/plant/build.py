"""Draws a data set from a seed: the same seed gives the same bytes."""

from sandbox.plant import details, orders, people, sites, stock
from sandbox.plant.clock import instant
from sandbox.plant.dataset import Dataset
from sandbox.plant.making import Making

NOW = "2026-06-30T06:00:00Z"
SEED = 20260630
WORK_ORDERS = 40_000
SMALL = 200


def build(work_orders: int = WORK_ORDERS, seed: int = SEED, now: str = NOW) -> Dataset:
    """A data set with exactly `work_orders` work orders in two organizations; all other lists
    scale with it. `now`: the end of its three years (ISO 8601).

    Raises ValueError for fewer than 200, too few for every kind of deliberate error.
    """
    if work_orders < SMALL:
        raise ValueError(
            f"{work_orders} work orders are too few: the sandbox needs at least {SMALL}"
        )
    making = Making(work_orders, seed, instant(now))
    for organization in making.organizations:
        people.make(organization)
        sites.make(organization)
        stock.make(organization)
        orders.make(organization)
    stock.make_transfers(making)
    details.make(making)
    return Dataset(
        seed=seed,
        now=now,
        records={each.id: each.lists for each in making.organizations},
        gone={each.id: each.gone for each in making.organizations},
        dirt={kind: sorted(set(ids)) for kind, ids in sorted(making.dirt.items())},
    )


def small(seed: int = SEED, now: str = NOW) -> Dataset:
    """The preset for tests: 200 work orders with every kind of deliberate error."""
    return build(SMALL, seed, now)
