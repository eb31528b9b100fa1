"""The records of one organization with types, names and dates, without rules of single marts."""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from types import MappingProxyType
from typing import Any, TypeVar

from sandbox import Sandbox
from tests.python.oracle.clock import DAY, Calendar, hours, instant
from tests.python.oracle.history import Reading, Record, Version, read, versions

Row = dict[str, Any]
Item = TypeVar("Item")
Key = TypeVar("Key", bound=Hashable)

CLOSED = ("DONE", "CANCELED", "SKIPPED")


def grouped(items: Iterable[Item], key: Callable[[Item], Key]) -> dict[Key, list[Item]]:
    groups: dict[Key, list[Item]] = {}
    for item in items:
        groups.setdefault(key(item), []).append(item)
    return groups


def ratio(numerator: float | Decimal, denominator: float | Decimal) -> float | None:
    """The ratio; None for a zero denominator."""
    return float(numerator) / float(denominator) if denominator else None


def amount(cents: float | None) -> Decimal | None:
    """Cents as units of the currency."""
    return None if cents is None else Decimal(str(cents)) / 100


@dataclass(frozen=True)
class Entry:
    """A line of an order's costs. kind: TIME, PART or EXPENSE. user_id: who logged the time."""

    kind: str
    amount: Decimal
    hours: float
    user_id: int | None


@dataclass(frozen=True)
class Order:
    """A work order that is not deleted. asset_id, site_id: 0 where there is none."""

    record: Record
    calendar: Calendar
    site_id: int
    site_name: str | None
    location_path: str
    asset_id: int
    asset_name: str | None
    assignees: list[tuple[str, str]]
    assignee_names: str
    versions: list[Version]

    @cached_property
    def id(self) -> int:
        return int(self.record["id"])

    @cached_property
    def status(self) -> str:
        return str(self.record["status"])

    @cached_property
    def work_type(self) -> str:
        return str(self.record.get("type") or "UNKNOWN")

    @cached_property
    def is_parent(self) -> bool:
        return bool(self.record.get("isParent"))

    @cached_property
    def is_counted(self) -> bool:
        return not self.is_parent and self.work_type != "CYCLE_COUNT"

    @cached_property
    def created_at(self) -> datetime:
        created = instant(self.record["createdAt"])
        assert created
        return created

    @cached_property
    def updated_at(self) -> datetime:
        updated = instant(self.record["updatedAt"])
        assert updated
        return updated

    @cached_property
    def completed_at(self) -> datetime | None:
        return instant(self.record.get("completedAt"))

    @cached_property
    def start_at(self) -> datetime | None:
        return instant(self.record.get("startDate"))

    @cached_property
    def created_on(self) -> date:
        return self.calendar.day(self.created_at)

    @cached_property
    def completed_on(self) -> date | None:
        return self.calendar.day(self.completed_at) if self.completed_at else None

    @cached_property
    def due_on(self) -> date | None:
        due = instant(self.record.get("dueDate"))
        return self.calendar.day(due) if due else None

    @cached_property
    def deadline(self) -> datetime | None:
        """The due time; a full-day due date ends with its local day."""
        if self.due_on and self.record.get("dueDateIsFullDay"):
            return self.calendar.begins(self.due_on + DAY) - timedelta(microseconds=1)
        return instant(self.record.get("dueDate"))

    @cached_property
    def interval_days(self) -> float | None:
        """The recurrence interval."""
        recurrence = self.record.get("recurrenceInfo") or {}
        interval = recurrence.get("interval") or 1
        match recurrence.get("type"):
            case "DAILY":
                return 1
            case "WEEKLY":
                return 7 * interval / (len(recurrence.get("days") or ()) or 1)
            case "MONTHLY":
                return 30.4375 * interval
            case "YEARLY":
                return 365.25 * interval
            case "PERIODICALLY":
                return float(recurrence["interval"] / 86_400)
            case _:
                return None

    @cached_property
    def estimated_hours(self) -> float | None:
        seconds = self.record.get("estimatedTime")
        return None if seconds is None else seconds / 3600

    @cached_property
    def entries(self) -> list[Entry]:
        """Its costs: time from the time items, parts and expenses from the expenditures."""
        lines = [each for each in self.record.get("timeItems") or () if each["type"] == "TIME"]
        lines += [each for each in self.record.get("expenditures") or () if each["type"] != "TIME"]
        return [
            Entry(
                line["type"],
                amount(line["rowTotal"]) or Decimal(0),
                _hours(line),
                line.get("userId"),
            )
            for line in lines
        ]

    @cached_property
    def logged_hours(self) -> float:
        return sum(entry.hours for entry in self.entries)

    @cached_property
    def cost_on(self) -> date:
        """The day of its costs."""
        return (self.is_done and self.completed_on) or self.created_on

    def cost(self, kind: str | None = None) -> Decimal:
        """Its cost, of one kind or of all kinds."""
        return sum(
            (entry.amount for entry in self.entries if kind in (None, entry.kind)), Decimal(0)
        )

    @cached_property
    def is_done(self) -> bool:
        return self.status == "DONE"

    @cached_property
    def is_open(self) -> bool:
        return self.status not in CLOSED

    @cached_property
    def is_upcoming(self) -> bool:
        return self.is_open and self.start_at is not None and self.start_at > self.calendar.as_of

    @cached_property
    def is_overdue(self) -> bool:
        return (
            self.is_open
            and not self.is_upcoming
            and self.deadline is not None
            and self.deadline < self.calendar.as_of
        )

    @cached_property
    def done_at(self) -> datetime | None:
        """When it was done; None where it does not say, or says a moment before its creation."""
        if not self.is_done or not self.completed_at or self.completed_at < self.created_at:
            return None
        return self.completed_at

    @cached_property
    def cycle_hours(self) -> float | None:
        """From the start of planned work, else the creation, to the completion."""
        begun = (self.work_type == "PREVENTIVE" and self.start_at) or self.created_at
        if self.done_at is None or self.done_at < begun:
            return None
        return hours(self.done_at - begun)

    def is_done_by(self, moment: datetime) -> bool:
        return self.done_at is not None and self.done_at <= moment


def _hours(line: Record) -> float:
    if line["type"] != "TIME":
        return 0
    seconds = line.get("durationTotal")
    return float(line.get("quantity") or 0) if seconds is None else seconds / 3600


class Organization:
    """One organization.

    as_of: the one "now" of all figures, by default the sandbox's. zones: site -> its time zone,
    where that is not the organization's. crew_hours: site -> hours of its crew in a week. readings:
    what each extract saw, oldest first; by default one extract that saw the sandbox as it is.
    """

    def __init__(
        self,
        sandbox: Sandbox,
        organization_id: int,
        as_of: str | None = None,
        zones: Mapping[int, str] = MappingProxyType({}),
        crew_hours: Mapping[int, float] = MappingProxyType({}),
        *,
        readings: Sequence[Reading] = (),
    ) -> None:
        moment = instant(as_of or sandbox.now)
        assert moment
        (record,) = sandbox.live("organizations", organization_id)
        self.id = organization_id
        self._sandbox = sandbox
        self.name: str = record["name"]
        self.currency: str = record["currency"]
        self.crew_hours = crew_hours
        self._readings = readings or [read(sandbox)]
        self.history_began_at = self._readings[0].read_at
        self._order_versions = self.versions("work_orders")
        self._calendar = Calendar(record["timeZone"], moment)
        self._calendars = {site: Calendar(zone, moment) for site, zone in zones.items()}
        self.assets = _by_id(sandbox.live("assets", organization_id))
        self.parts = _by_id(sandbox.live("parts", organization_id))
        self.purchases = [
            purchase
            for purchase in sandbox.live("purchase_orders", organization_id)
            if not purchase.get("deletedAt")
        ]
        self.requests = sandbox.live("work_requests", organization_id)
        self.statuses = [
            status
            for status in sandbox.live("asset_statuses", organization_id)
            if not status.get("deletedAt")
        ]
        self.custom_statuses = _by_id(sandbox.live("asset_custom_statuses", organization_id))
        self._locations = _by_id(sandbox.live("locations", organization_id))
        self._users = _by_id(sandbox.live("users", organization_id))
        self._teams = _by_id(sandbox.live("teams", organization_id))
        self.vendors = _by_id(sandbox.live("vendors", organization_id))
        self._addresses = {user.get("email"): user["id"] for user in self._users.values()}
        self.orders = [
            self._order(record)
            for record in sandbox.live("work_orders", organization_id)
            if not record.get("deletedAt")
        ]

    def versions(self, name: str) -> dict[int, list[Version]]:
        """The versions of each record of a list, oldest first."""
        return versions(self._readings, name, self.id)

    @cached_property
    def members(self) -> dict[int, list[Row]]:
        """Team -> its members."""
        return self._below("teams", "members", self._teams)

    @cached_property
    def comments(self) -> dict[int, list[Row]]:
        """Order -> its comments, the oldest first."""
        found = self._below("work_orders", "comments", [order.id for order in self.orders])
        return {
            order: sorted(each, key=lambda comment: (comment["createdAt"], comment["id"]))
            for order, each in found.items()
        }

    @cached_property
    def contacts(self) -> dict[int, list[Row]]:
        """Vendor -> its contacts."""
        return self._below("vendors", "contacts", self.vendors)

    def _below(self, name: str, collection: str, ids: Iterable[int]) -> dict[int, list[Row]]:
        return {each: self._sandbox.below(name, self.id, collection, each) for each in ids}

    def user_name(self, user_id: int) -> str | None:
        """Full name of a user who is in the list; None without one."""
        return self._full_name(self._users[user_id]) if user_id in self._users else None

    def team_name(self, team_id: int) -> str:
        return str(self._teams[team_id]["name"])

    @staticmethod
    def _full_name(record: Record) -> str | None:
        names = (record["firstName"], record["lastName"])
        return " ".join(name for name in names if name) or None

    @cached_property
    def counted(self) -> list[Order]:
        """The orders that counts, ratios and sums of hours include."""
        return [order for order in self.orders if order.is_counted]

    def calendar(self, location_id: int | None) -> Calendar:
        """The days of the site of a location; the organization's where it is unknown."""
        path = self.path(location_id)
        return self._calendars.get(path[0], self._calendar) if path else self._calendar

    def site(self, location_id: int | None) -> int:
        """The site of a location; 0 where it is unknown."""
        path = self.path(location_id)
        return path[0] if path else 0

    def site_columns(self, site_id: int) -> Row:
        """Name and label of a site, '' for none."""
        return {
            "site_name": self.sites[site_id] if site_id else "",
            "site_label": self._labels[self.id, site_id] if site_id else "",
        }

    @cached_property
    def sites(self) -> dict[int, str]:
        """Site -> its name."""
        sites = {self.site(location) for location in self._locations}
        return {site: self._locations[site]["name"].strip() or str(site) for site in sites}

    @cached_property
    def _labels(self) -> dict[tuple[int, int], str]:
        """Organization and site -> a label that no other site of any organization has."""
        every = {each: Organization(self._sandbox, each) for each in self._sandbox.organization_ids}
        names = {(each, site): name for each in every for site, name in every[each].sites.items()}
        labels = {
            key: name if _is_once(name, names) else f"{name} ({every[key[0]].name})"
            for key, name in names.items()
        }
        return {
            key: label if _is_once(label, labels) else f"{label} {key[0]}/{key[1]}"
            for key, label in labels.items()
        }

    def path(self, location_id: int | None) -> list[int]:
        """Locations from the site down to this one; empty where it is unknown."""
        path: list[int] = []
        while location_id in self._locations and location_id not in path:
            path.append(location_id)
            location_id = self._locations[location_id].get("parentId")
        return path[::-1]

    def _order(self, record: Record) -> Order:
        path = self.path(record.get("locationId"))
        names = [self._locations[step]["name"] or str(step) for step in path]
        asset_id = record.get("assetId") or 0
        assignees = [self._assignee(each) for each in record.get("assignees") or ()]
        return Order(
            record=record,
            calendar=self.calendar(record.get("locationId")),
            site_id=self.site(record.get("locationId")),
            site_name=names[0] if path else None,
            location_path=" > ".join(names),
            asset_id=asset_id,
            asset_name=self.assets[asset_id]["name"] if asset_id in self.assets else None,
            assignees=assignees,
            assignee_names="; ".join(self._name(*each) for each in assignees),
            versions=self._order_versions[record["id"]],
        )

    def _assignee(self, assignee: Record) -> tuple[str, str]:
        """Type and id. An e-mail address of a user stands for that user."""
        found = assignee["id"]
        if assignee["type"] == "USER":
            found = self._addresses.get(found, found)
        return assignee["type"], str(found)

    def _name(self, kind: str, text: str) -> str:
        known = self._users if kind == "USER" else self._teams
        record = known.get(int(text)) if text.isdecimal() else None
        if record is None:
            return text
        names = (record["firstName"], record["lastName"]) if kind == "USER" else (record["name"],)
        return " ".join(name for name in names if name) or text


def _is_once(name: str, among: Mapping[tuple[int, int], str]) -> bool:
    return [each.lower() for each in among.values()].count(name.lower()) == 1


def _by_id(records: list[Record]) -> dict[int, Record]:
    return {record["id"]: record for record in records}
