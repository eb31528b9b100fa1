"""Shared by the builders: random draws, ids, times, and the organizations filled so far."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sandbox.plant.clock import BERLIN, CHICAGO, DAY, HOUR, Zone, iso

Record = dict[str, Any]
T = TypeVar("T")

FULL_SIZE = 40_000
THREE_YEARS = 1096 * DAY
FIRST_IDS = {
    "users": 318_204,
    "teams": 20_417,
    "locations": 1_204_331,
    "assets": 5_403_877,
    "asset_statuses": 41_880_214,
    "categories": 702_113,
    "parts": 3_310_042,
    "purchase_orders": 611_507,
    "vendors": 250_719,
    "meters": 480_233,
    "work_orders": 61_400_018,
    "work_requests": 7_715_340,
}
SIGNED = "https://files.sandbox.example/{}/{}?Expires=3600&Signature=0"


@dataclass
class Organization:
    """One organization while it is built. crew: ids of users who do the work; departed: of users
    who left; leaves: of locations that contain machines."""

    making: "Making"
    record: Record
    zone: Zone
    sites: tuple[str, ...]
    share: float
    lists: dict[str, list[Record]] = field(default_factory=dict)
    gone: dict[str, list[Record]] = field(default_factory=dict)
    crew: list[int] = field(default_factory=list)
    departed: list[int] = field(default_factory=list)
    leaves: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.lists["organizations"] = [self.record]

    @property
    def id(self) -> int:
        return int(self.record["id"])

    @property
    def is_first(self) -> bool:
        return self is self.making.organizations[0]

    def size(self, full: int, least: int = 1) -> int:
        """This organization's share of a total that is given for 40,000 work orders, scaled."""
        return max(least, round(full * self.share * self.making.scale))

    def stream(self, subject: str) -> random.Random:
        """A separate random stream per subject: a change to one leaves the others equal."""
        return random.Random(f"{self.making.seed} {self.id} {subject}")

    def ids(self, name: str) -> list[int]:
        """Ids in a list so far."""
        return [record["id"] for record in self.lists[name]]

    def someone(self, draw: random.Random) -> int:
        """A random id of the crew."""
        return draw.choice(self.crew)


class Making:
    """A data set while it is built. scale: 1 at 40,000 work orders."""

    def __init__(self, work_orders: int, seed: int, now: int) -> None:
        self.work_orders = work_orders
        self.seed = seed
        self.now = now
        self.scale = work_orders / FULL_SIZE
        self.dirt: dict[str, list[int]] = {}
        self._last_ids = dict(FIRST_IDS)
        self._steps = random.Random(f"{seed} ids")
        self.organizations = [
            Organization(
                self,
                {
                    "id": 4201,
                    "name": "Northfield Manufacturing",
                    "timeZone": CHICAGO.name,
                    "imageUrl": SIGNED.format(4201, "logo.png"),
                    "currency": "USD",
                    "dateFormatLocale": "en-US",
                },
                CHICAGO,
                ("Rockford Plant", "Joliet Plant"),
                0.7,
            ),
            Organization(
                self,
                {
                    "id": 4202,
                    "name": "Northfield Europe",
                    "timeZone": BERLIN.name,
                    "currency": "EUR",
                    "dateFormatLocale": "de-DE",
                },
                BERLIN,
                ("Werk Kassel",),
                0.3,
            ),
        ]

    @property
    def go_live(self) -> int:
        """When the plants began to use MaintainX."""
        return self.now - THREE_YEARS - 60 * DAY

    def new_id(self, name: str) -> int:
        """The next id of a list; ids are shared by all organizations and leave gaps."""
        last = self._last_ids.get(name, 1000)
        self._last_ids[name] = last + 1 + int(self._steps.random() * 5)
        return self._last_ids[name]

    def soil(self, kind: str, record_id: int) -> None:
        """Note that a record has a kind of deliberate error."""
        self.dirt.setdefault(kind, []).append(record_id)

    def between(self, draw: random.Random, earliest: int, latest: int | None = None) -> int:
        """A random instant of a span; it ends now if `latest` is None."""
        end = self.now if latest is None else latest
        return earliest + int(draw.random() * max(1, end - earliest - HOUR))

    def stamps(self, draw: random.Random, settled: float = 0.4) -> Record:
        """createdAt at or after go-live, updatedAt not before it. `settled`: share that never
        changed."""
        created = self.between(draw, self.go_live, self.go_live + 400 * DAY)
        touched = draw.random() >= settled
        updated = self.between(draw, created) if touched else created
        return {"createdAt": iso(created), "updatedAt": iso(updated)}


def link(draw: random.Random, making: Making, file_name: str, created: str) -> Record:
    """An attachment; each call signs its URL again."""
    file_id = making.new_id("files")
    kind = {"jpg": "image/jpeg", "png": "image/png", "pdf": "application/pdf"}[
        file_name.rsplit(".", 1)[1]
    ]
    found: Record = {
        "id": file_id,
        "mimeType": kind,
        "fileName": file_name,
        "url": SIGNED.format(file_id, file_name),
        "createdAt": created,
    }
    if kind.startswith("image"):
        found["width"], found["height"] = draw.choice(((4032, 3024), (1280, 960), (800, 600)))
    return found


def custom_values(
    draw: random.Random, fields: Sequence[tuple[str, str, tuple[str, ...] | None]], share: float
) -> dict[str, str]:
    """Values for some custom fields: label -> text."""
    values = {}
    for label, kind, options in fields:
        if draw.random() >= share:
            continue
        if options:
            values[label] = draw.choice(options)
        elif kind == "number":
            values[label] = str(draw.randrange(1, 5000))
        elif kind == "date":
            values[label] = f"20{draw.randrange(24, 29)}-{draw.randrange(1, 13):02}-15"
        else:
            values[label] = draw.choice(FREE_TEXTS)
    return values


FREE_TEXTS = (
    "see ticket",
    'said "never again"',
    "Halle 3; Tor B",
    "n/a",
    "",
    "C:\\temp\\log.txt",
    "größer als 5 mm",
    "done \u2705",
    "line one\nline two",
    "$100 <b>approved</b>",
    "O'Neil, 2nd shift",
)
