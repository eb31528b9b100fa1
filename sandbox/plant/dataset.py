"""Builds a plant's worth of MaintainX records from a seed: the same bytes each time."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256

from sandbox.plant import orders, people, sites, stock
from sandbox.plant.clock import instant
from sandbox.plant.making import Making, Record

NOW = "2026-06-30T06:00:00Z"
SEED = 20260630
WORK_ORDERS = 40_000
SMALL = 200


@dataclass(frozen=True)
class Dataset:
    """What a sandbox starts with.

    records: organization id -> list (by its name in the warehouse) -> records, each a superset of
    what any answer shows; keys with a leading underscore are links that answers resolve.
    gone: the same, of what only other records still know.
    dirt: kind -> ids, ascending, of the records that carry it.
    """

    seed: int
    now: str
    records: Mapping[int, Mapping[str, list[Record]]]
    gone: Mapping[int, Mapping[str, list[Record]]]
    dirt: Mapping[str, list[int]] = field(default_factory=dict)

    @property
    def organizations(self) -> list[Record]:
        """The organizations, in order."""
        return [record for lists in self.records.values() for record in lists["organizations"]]

    def counts(self) -> dict[str, int]:
        """Records a list, over all organizations; users who left aside."""
        counts: dict[str, int] = {}
        for lists in self.records.values():
            for name, records in lists.items():
                held = sum(not record.get("removedFromOrganization") for record in records)
                counts[name] = counts.get(name, 0) + held
        return counts

    def digest(self) -> str:
        """Hash of every byte of it (SHA-256, hexadecimal)."""
        hashed = sha256()
        for text in self._texts():
            hashed.update(text.encode("utf-8", "surrogatepass"))
        return hashed.hexdigest()

    def _texts(self) -> Iterator[str]:
        encode = json.JSONEncoder(ensure_ascii=False).encode
        yield encode([self.seed, self.now, dict(self.dirt)])
        for held in (self.records, self.gone):
            for organization_id, lists in held.items():
                for name, records in lists.items():
                    yield encode([organization_id, name])
                    yield from map(encode, records)


def build(work_orders: int = WORK_ORDERS, seed: int = SEED, now: str = NOW) -> Dataset:
    """A dataset with exactly that many work orders on the lists of two organizations together;
    everything else scales with them. `now`: the end of its three years (ISO 8601).

    Raises ValueError for fewer than 200: not every kind of dirt would find its place.
    """
    if work_orders < SMALL:
        raise ValueError(f"the sandbox needs {SMALL} work orders at least")
    making = Making(work_orders, seed, instant(now))
    for organization in making.organizations:
        people.make(organization)
        sites.make(organization)
        stock.make(organization)
        orders.make(organization)
    stock.make_transfers(making)
    return Dataset(
        seed=seed,
        now=now,
        records={each.id: each.lists for each in making.organizations},
        gone={each.id: each.gone for each in making.organizations},
        dirt={kind: sorted(set(ids)) for kind, ids in sorted(making.dirt.items())},
    )


def small(seed: int = SEED, now: str = NOW) -> Dataset:
    """The preset for tests: 200 work orders, and every kind of dirt."""
    return build(SMALL, seed, now)
