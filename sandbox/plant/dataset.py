"""The records that a sandbox starts with."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256

from sandbox.plant.making import Record


@dataclass(frozen=True)
class Dataset:
    """The data of a sandbox before any change.

    records: organization id -> list (by its name in the warehouse) -> records, each a superset of
    what any answer shows; keys with a leading underscore are links that answers resolve.
    gone: the same for deleted records that other records still refer to.
    dirt: kind of deliberate error -> ascending ids of the records that have it.
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
        """Records per list over all organizations, without users who left."""
        counts: dict[str, int] = {}
        for lists in self.records.values():
            for name, records in lists.items():
                held = sum(not record.get("removedFromOrganization") for record in records)
                counts[name] = counts.get(name, 0) + held
        return counts

    def digest(self) -> str:
        """SHA-256 of the whole data set, hexadecimal."""
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
