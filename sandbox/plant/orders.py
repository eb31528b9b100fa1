"""Work orders: planned in chains, unplanned by season and shift, with deliberate errors."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate
from math import log

from sandbox.plant import aftermath, procedures, sites
from sandbox.plant.clock import DAY, HOUR, MINUTE, iso
from sandbox.plant.making import THREE_YEARS, Organization, Record, custom_values, link
from sandbox.plant.words import (
    CATEGORIES,
    CHORES,
    EXPENSES,
    NOTES,
    SYMPTOMS,
    TASKS,
    WORK_ORDER_FIELDS,
)

PLANNED_SHARE = 0.45
FAMILY_SHARE = 0.008
NO_SUCH_LOCATION = 9_900_101
GONE_LABELS = ("Mech", "Electrical (old)")
WEEKDAYS = ("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY")
PRIORITIES = ("NONE", "LOW", "MEDIUM", "HIGH")
PRIORITY_WEIGHTS = (18, 30, 34, 18)
# Median hours from creation to completion, and the standard deviation of their logarithm.
LEADS = {"HIGH": (10.0, 1.1), "MEDIUM": (60.0, 1.2), "LOW": (200.0, 1.1), "NONE": (110.0, 1.4)}
DUE_DAYS = {"HIGH": 1, "MEDIUM": 5, "LOW": 14, "NONE": 10}
# First hours of the three shifts, and their shares of reported work.
SHIFTS = (6, 14, 22)
SHIFT_WEIGHTS = (52, 32, 16)
MONTHS = (0.9, 0.9, 0.95, 1.0, 1.05, 1.2, 1.3, 1.25, 1.05, 1.0, 0.95, 0.6)
WEEK = (1.25, 1.1, 1.05, 1.05, 1.0, 0.5, 0.35)
UNPLANNED_TYPES = ("REACTIVE", "OTHER", "CYCLE_COUNT")
UNPLANNED_WEIGHTS = (78, 16, 6)
OPEN_STATUSES = ("OPEN", "IN_PROGRESS", "ON_HOLD")
ESTIMATES = (900, 1800, 3600, 5400, 7200, 14_400)


@dataclass(slots=True, eq=False)
class Draft:
    """A work order before it has an id. Times are instants; `updated` is 0 until it is known."""

    created: int
    type: str | None
    title: str
    asset: Record | None
    priority: str
    status: str = "OPEN"
    completed: int | None = None
    due: int | None = None
    full_day: bool = False
    start: int | None = None
    updated: int = 0
    recurrence: Record | None = None
    template: Record | None = None
    location_id: int | None = None
    previous: "Draft | None" = None
    parent: "Draft | None" = None
    is_parent: bool = False
    dirt: str = ""
    id: int = 0
    next_id: int | None = None


def make(organization: Organization) -> None:
    """Add work orders with their templates, plans, asset statuses, requests and reports."""
    procedures.make_templates(organization)
    making = organization.making
    first = round(making.work_orders * making.organizations[0].share)
    count = first if organization.is_first else making.work_orders - first
    deleted = organization.size(150, least=2)
    drafts = _Planned(organization).chains(round(count * PLANNED_SHARE))
    drafts += _Unplanned(organization).orders(count + deleted - len(drafts))
    drafts.sort(key=lambda draft: draft.created)
    _soil(organization, drafts, deleted)
    records = _Writer(organization).write(drafts)
    sites.make_asset_statuses(organization, _stops(organization, drafts))
    aftermath.make(organization, records)


class _Planned:
    """Preventive work: each order of a chain depends on the one before."""

    def __init__(self, organization: Organization) -> None:
        self._organization = organization
        self._draw = organization.stream("planned orders")
        self._now = organization.making.now

    def chains(self, count: int) -> list[Draft]:
        """Drafts of `count` orders, including upcoming ones."""
        drafts: list[Draft] = []
        longest = max(5, count // 16)
        while len(drafts) < count:
            drafts += self._chain(longest)[: count - len(drafts)]
        return drafts

    def _chain(self, longest: int) -> list[Draft]:
        draw, organization = self._draw, self._organization
        asset = draw.choice(organization.lists["assets"])
        task = draw.choice(TASKS)
        recurrence, days, step = self._recurrence()
        template = (
            draw.choice(organization.lists["procedure_templates"]) if draw.random() < 0.7 else None
        )
        reach = min(THREE_YEARS // DAY - 20, days * longest)
        begun = self._now - int((0.3 + 0.7 * draw.random()) * reach) * DAY
        day = date(1970, 1, 1) + timedelta(days=begun // DAY)
        lead = max(1, min(14, days // 4)) * DAY
        full_day = draw.random() < 0.35
        priority = draw.choices(PRIORITIES, (30, 30, 30, 10))[0]
        ahead = draw.choice((0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3))
        drafts: list[Draft] = []
        created = begun
        while len(drafts) < longest:
            due = 0
            while due <= created:
                day = step(day)
                due = organization.zone.at((day - date(1970, 1, 1)).days * DAY)
                due += 0 if full_day else 15 * HOUR
            draft = Draft(
                created=created,
                type="PREVENTIVE",
                title=f"{task} {asset['name']}".strip(),
                asset=asset,
                priority=priority,
                due=due,
                full_day=full_day,
                start=due - lead,
                recurrence=recurrence,
                template=template,
                previous=drafts[-1] if drafts else None,
            )
            drafts.append(draft)
            if due - lead > self._now:
                if ahead == 0:
                    break
                ahead -= 1
                continue
            created = self._outcome(draft, lead)
            if draft.status in OPEN_STATUSES:
                break
        return drafts

    def _recurrence(self) -> tuple[Record, int, Callable[[date], date]]:
        """Recurrence of the record, its approximate days, and the step to the next order."""
        draw = self._draw
        kind, interval = draw.choices(
            (
                ("WEEKLY", 1),
                ("WEEKLY", 2),
                ("MONTHLY", 1),
                ("MONTHLY", 3),
                ("MONTHLY", 6),
                ("YEARLY", 1),
                ("DAILY", 1),
            ),
            (14, 10, 44, 20, 6, 5, 1),
        )[0]
        if kind == "DAILY":
            return {"type": kind}, 1, lambda day: day + timedelta(days=1)
        if kind == "WEEKLY":
            weekday = draw.randrange(5)
            days = [WEEKDAYS[weekday]]
            return (
                {"type": kind, "interval": interval, "days": days},
                7 * interval,
                lambda day: (
                    day + timedelta(days=(weekday - day.weekday() - 1) % 7 + 1 + 7 * (interval - 1))
                ),
            )
        if kind == "YEARLY":
            return {"type": kind, "interval": 1}, 365, lambda day: _months_on(day, 12, day.day)
        monthday = draw.randrange(1, 29)
        return (
            {"type": kind, "interval": interval, "day": monthday},
            30 * interval,
            lambda day: _months_on(day, interval, monthday),
        )

    def _outcome(self, draft: Draft, lead: int) -> int:
        """Complete or miss an order that is due; returns the creation time of the next one."""
        draw, due = self._draw, draft.due or 0
        luck = draw.random()
        if luck < 0.045 and due < self._now:
            draft.status = "SKIPPED" if luck < 0.035 else "CANCELED"
            draft.updated = due + int(draw.random() * 12 * HOUR)
            if draft.updated > self._now:
                draft.updated = due
            return draft.updated
        if draw.random() < 0.82:
            completed = due - int(draw.random() * lead)
        else:
            completed = due + DAY + int(draw.lognormvariate(log(30), 1.0) * HOUR)
        completed = max(completed, draft.created + 20 * MINUTE)
        if completed >= self._now - MINUTE:
            draft.status = draw.choices(OPEN_STATUSES, (70, 20, 10))[0]
        else:
            draft.status, draft.completed = "DONE", completed
        return completed


def _months_on(day: date, months: int, monthday: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(monthday, 28))


class _Unplanned:
    """Reported work: more in summer, on Mondays and in the early shift."""

    def __init__(self, organization: Organization) -> None:
        self._organization = organization
        self._draw = organization.stream("unplanned orders")
        self._now = organization.making.now
        self._first_day = (self._now - THREE_YEARS) // DAY
        days = [
            date(1970, 1, 1) + timedelta(days=self._first_day + number)
            for number in range(THREE_YEARS // DAY)
        ]
        self._days = list(
            accumulate(
                MONTHS[day.month - 1] * WEEK[day.weekday()] * (0.7 + 0.3 * number / len(days))
                for number, day in enumerate(days)
            )
        )
        assets = organization.lists["assets"]
        bad = set(self._draw.sample(range(len(assets)), len(assets) // 5))
        # 20% of assets cause 80% of failures.
        self._weights = list(
            accumulate(
                (16 if number in bad else 1) * (0.5 + self._draw.random())
                for number in range(len(assets))
            )
        )

    def orders(self, count: int) -> list[Draft]:
        """Drafts of `count` orders, including sub-work-orders."""
        draw = self._draw
        days = draw.choices(range(len(self._days)), cum_weights=self._days, k=count)
        assets = draw.choices(
            self._organization.lists["assets"], cum_weights=self._weights, k=count
        )
        drafts: list[Draft] = []
        for day, asset in zip(days, assets, strict=True):
            if len(drafts) == count:
                break
            draft = self._order(self._reported(day), asset if draw.random() < 0.88 else None)
            drafts.append(draft)
            if draw.random() < FAMILY_SHARE or len(drafts) == 1:
                drafts += self._children(draft)[: count - len(drafts)]
        return drafts

    def _reported(self, day: int) -> int:
        draw = self._draw
        hour = draw.choices(SHIFTS, SHIFT_WEIGHTS)[0] * HOUR + int(draw.random() * 8 * HOUR)
        instant = self._organization.zone.at((self._first_day + day) * DAY + hour)
        return instant if instant < self._now - HOUR else instant - 2 * DAY

    def _order(self, created: int, asset: Record | None) -> Draft:
        draw = self._draw
        kind: str | None = draw.choices(UNPLANNED_TYPES, UNPLANNED_WEIGHTS)[0]
        if kind == "REACTIVE":
            title = draw.choice(SYMPTOMS)
            if asset and asset["name"]:
                title = f"{title}: {asset['name']}"
        elif kind == "OTHER":
            title = draw.choice(CHORES)
        else:
            title = f"Cycle count {draw.choice('ABCDE')}"
        if created < self._now - THREE_YEARS + 300 * DAY and draw.random() < 0.25:
            kind = None
        priority = draw.choices(PRIORITIES, PRIORITY_WEIGHTS)[0]
        draft = Draft(created, kind, title, asset, priority)
        if draw.random() < 0.6:
            draft.due = created + DUE_DAYS[priority] * DAY
            draft.full_day = draw.random() < 0.4
            if draft.full_day:
                draft.due = self._organization.zone.midnight(draft.due)
            if draw.random() < 0.2:
                draft.start = created
        if draw.random() < 0.05:
            draft.template = draw.choice(self._organization.lists["procedure_templates"])
        self._outcome(draft)
        return draft

    def _outcome(self, draft: Draft) -> None:
        draw = self._draw
        median, spread = LEADS[draft.priority]
        lead = int(draw.lognormvariate(log(median), spread) * HOUR) + 5 * MINUTE
        settled = draft.created + lead
        luck = draw.random()
        if settled >= self._now - MINUTE or luck < 0.02:
            draft.status = draw.choices(OPEN_STATUSES, (60, 25, 15))[0]
        elif luck < 0.05:
            draft.status, draft.updated = "CANCELED", settled
        else:
            draft.status, draft.completed = "DONE", settled

    def _children(self, parent: Draft) -> list[Draft]:
        parent.is_parent = True
        children = []
        for number in range(self._draw.randrange(2, 5)):
            child = self._order(
                min(parent.created + (number + 1) * MINUTE, self._now - HOUR), parent.asset
            )
            child.title = f"{number + 1}. {child.title}"
            child.parent = parent
            children.append(child)
        return children


def _soil(organization: Organization, drafts: list[Draft], deleted: int) -> None:
    """Put deliberate errors into some orders; deleted ones were valid orders before."""
    draw = organization.stream("dirt")
    plain = [draft for draft in drafts if not draft.is_parent and draft.parent is None]
    draw.shuffle(plain)
    for draft in plain[:deleted]:
        draft.dirt = "deleted_work_orders"
    done = [each for each in plain[deleted:] if each.status == "DONE" and not each.previous]

    def take(kind: str, full: int, least: int = 1) -> list[Draft]:
        taken = [done.pop() for _ in range(organization.size(full, least))]
        for draft in taken:
            draft.dirt = kind
        return taken

    for draft in take("done_without_completed_at", 120):
        draft.completed = None
    for draft in take("completed_before_created", 80):
        draft.completed = draft.created - int((1 + draw.random() * 60) * DAY)
    for draft in take("reopened", 200):
        draft.status = draw.choice(OPEN_STATUSES)
    for draft in take("unknown_asset", 60):
        draft.asset = draw.choice(organization.gone["assets"])
    for draft in take("unknown_location", 40):
        draft.asset, draft.location_id = None, NO_SUCH_LOCATION
    take("unknown_category", 50)
    take("email_assignee", 60)
    bulk = organization.making.now - 45 * DAY
    done = [
        each
        for each in plain
        if each.status == "DONE" and not each.dirt and (each.completed or 0) < bulk
    ]
    for draft in take("bulk_edited", 620, least=4):
        draft.updated = bulk


class _Writer:
    """Make records from drafts."""

    def __init__(self, organization: Organization) -> None:
        self._organization = organization
        self._draw = organization.stream("order records")
        self._now = organization.making.now
        self._teams = organization.ids("teams")
        self._vendors = organization.ids("vendors")
        self._parts = organization.lists["parts"]
        self._labels = [category["label"] for category in organization.lists["categories"]]
        self._rates = {
            user["id"]: user.get("hourlyRate", 3000) for user in organization.lists["users"]
        }
        # Users who left stay on their records but are in no list.
        self._former_crew = organization.crew + organization.departed * 3
        self._left = self._now - 500 * DAY

    def write(self, drafts: list[Draft]) -> list[Record]:
        """Assign ids by creation time and fill the lists; returns the listed records."""
        organization = self._organization
        making = organization.making
        for draft in drafts:
            draft.id = making.new_id("work_orders")
            if draft.previous:
                draft.previous.next_id = draft.id
            if draft.dirt:
                making.soil(draft.dirt, draft.id)
        listed: list[Record] = []
        gone: list[Record] = []
        organization.gone["work_orders"] = gone
        for number, draft in enumerate(drafts, 1):
            record = self._record(draft, number)
            (gone if draft.dirt == "deleted_work_orders" else listed).append(record)
        organization.lists["work_orders"] = listed
        uses = {label: 0 for label, _ in CATEGORIES}
        for record in listed:
            for label in record["categories"]:
                if label in uses:
                    uses[label] += 1
        for category in organization.lists["categories"]:
            category["workOrderCount"] = uses[category["label"]]
        return listed

    def _record(self, draft: Draft, number: int) -> Record:
        draw = self._draw
        chance = draw.random
        crew = self._former_crew if draft.created < self._left else self._organization.crew
        record: Record = {
            "id": draft.id,
            "sequentialId": number,
            "title": draft.title,
            "status": draft.status,
            "priority": draft.priority,
            "organizationId": self._organization.id,
            "createdAt": iso(draft.created),
            "updatedAt": iso(self._updated(draft)),
            "assignees": self._assignees(draft, crew),
            "categories": self._categories(draft),
            "extraFields": custom_values(draw, WORK_ORDER_FIELDS, 0.12) if chance() < 0.5 else {},
            "vendorIds": [draw.choice(self._vendors)] if chance() < 0.05 else [],
            "timeItems": [],
            "expenditures": [],
            "attachments": [],
        }
        if draft.type:
            record["type"] = draft.type
        if chance() < 0.96:
            record["creatorId"] = draw.choice(crew)
        if chance() < 0.55:
            record["description"] = draw.choice(NOTES)
        if draft.completed is not None:
            record["completedAt"] = iso(draft.completed)
            record["completerId"] = draw.choice(crew)
        self._place(draft, record)
        self._schedule(draft, record)
        self._cost(draft, record, crew)
        if chance() < (0.95 if draft.type == "PREVENTIVE" else 0.45):
            record["estimatedTime"] = draw.choice(ESTIMATES)
        if draft.is_parent:
            record["isParent"] = True
        elif draft.parent:
            record["parentId"] = draft.parent.id
        if draft.template:
            record["procedure"] = procedures.filled_in(
                draft.template, record, draft.completed or draft.created, draw
            )
        if chance() < 0.15:
            said = draft.created + int(chance() * 3 * DAY)
            record["lastMessageSentAt"] = iso(min(said, self._now - MINUTE))
        if chance() < 0.04:
            making = self._organization.making
            record["thumbnail"] = link(draw, making, "photo.jpg", record["createdAt"])
            record["attachments"] = [link(draw, making, "report.pdf", record["createdAt"])]
        return record

    def _updated(self, draft: Draft) -> int:
        draw = self._draw
        if draft.updated:
            return draft.updated
        settled = max(draft.created, draft.completed or 0)
        if draft.status in OPEN_STATUSES:
            return settled + int((self._now - settled) * draw.random() ** 2)
        if draw.random() < 0.04:
            return self._organization.making.between(draw, settled)
        return min(self._now, settled + int(draw.expovariate(1 / (20 * MINUTE))))

    def _assignees(self, draft: Draft, crew: list[int]) -> list[Record]:
        draw = self._draw
        if draft.dirt == "email_assignee":
            return [{"type": "USER", "id": f"contractor{draw.randrange(40)}@welding.example"}]
        luck = draw.random()
        if luck < 0.6:
            return [{"type": "USER", "id": draw.choice(crew)}]
        if luck < 0.75:
            return [{"type": "TEAM", "id": draw.choice(self._teams)}]
        if luck < 0.88:
            chosen = draw.sample(self._organization.crew, 2)
            return [{"type": "USER", "id": user} for user in chosen]
        if luck < 0.95:
            return [
                {"type": "USER", "id": draw.choice(crew)},
                {"type": "TEAM", "id": draw.choice(self._teams)},
            ]
        return []

    def _categories(self, draft: Draft) -> list[str]:
        draw = self._draw
        if draft.dirt == "unknown_category":
            return [draw.choice(GONE_LABELS)]
        labels = ["Preventive"] if draft.type == "PREVENTIVE" else []
        if draw.random() < 0.7:
            label = draw.choice(self._labels)
            if label not in labels:
                labels.append(label)
        return labels

    def _place(self, draft: Draft, record: Record) -> None:
        draw = self._draw
        if draft.asset:
            record["assetId"] = draft.asset["id"]
            if draw.random() < 0.95:
                record["locationId"] = draft.asset["locationId"]
        elif draft.location_id:
            record["locationId"] = draft.location_id
        elif draw.random() < 0.8:
            record["locationId"] = draw.choice(self._organization.leaves)

    def _schedule(self, draft: Draft, record: Record) -> None:
        if draft.due is not None:
            record["dueDate"] = iso(draft.due)
            record["dueDateIsFullDay"] = draft.full_day
            if draft.start is not None:
                record["startDate"] = iso(draft.start)
        if draft.recurrence:
            record["recurrenceInfo"] = draft.recurrence
        if draft.previous:
            record["previousId"] = draft.previous.id
        if draft.next_id:
            record["nextId"] = draft.next_id

    def _cost(self, draft: Draft, record: Record, crew: list[int]) -> None:
        draw = self._draw
        worked = draw.random() < (0.7 if draft.status == "DONE" else 0.2)
        if worked and not (draft.start and draft.start > self._now):
            for _ in range(1 if draw.random() < 0.8 else 2):
                user = draw.choice(crew)
                hours = round(0.25 + draw.expovariate(0.8), 2)
                record["timeItems"].append(
                    {
                        "type": "TIME",
                        "costPerUnit": self._rates[user],
                        "quantity": hours,
                        "rowTotal": round(hours * self._rates[user]),
                        "durationTotal": round(hours * 3600),
                        "userId": user,
                    }
                )
        record["partStatus"] = "NO_PARTS"
        if draw.random() < 0.22:
            self._use_parts(record)
        if draw.random() < 0.04:
            cents = draw.randrange(2500, 180_000)
            record["expenditures"].append(
                {
                    "type": "EXPENSE",
                    "description": draw.choice(EXPENSES),
                    "costPerUnit": cents,
                    "quantity": 1,
                    "rowTotal": cents,
                }
            )

    def _use_parts(self, record: Record) -> None:
        draw = self._draw
        record["_parts"] = []
        done = record["status"] == "DONE"
        record["partStatus"] = "ISSUED" if done else "ASSIGNED"
        record["partsAvailability"] = "PARTS_AVAILABLE"
        for part in draw.sample(self._parts, 1 if draw.random() < 0.7 else 2):
            quantity = draw.choice((1, 1, 1, 2, 4))
            record["_parts"].append((part["id"], quantity))
            if part["availableQuantity"] < quantity:
                record["partsAvailability"] = "PARTS_UNAVAILABLE"
            if done and part["unitCost"] is not None:
                record["expenditures"].append(
                    {
                        "type": "PART",
                        "costPerUnit": part["unitCost"],
                        "quantity": quantity,
                        "rowTotal": part["unitCost"] * quantity,
                        "partId": part["id"],
                    }
                )


def _stops(organization: Organization, drafts: list[Draft]) -> list[tuple[int, int, int, str]]:
    """Downtime spans that the orders imply, as input for sites.make_asset_statuses."""
    draw = organization.stream("stops")
    now = organization.making.now
    known = set(organization.ids("assets"))
    stops = []
    for draft in drafts:
        if draft.asset is None or draft.asset["id"] not in known or draft.created > now - HOUR:
            continue
        if draft.type == "PREVENTIVE":
            if draft.completed is None or draw.random() > 0.05:
                continue
            start, kind = draft.completed - HOUR, "PLANNED"
        elif draft.type == "REACTIVE":
            if draw.random() > (0.5 if draft.priority == "HIGH" else 0.15):
                continue
            start = draft.created - int(draw.random() * 30 * MINUTE)
            kind = draw.choices(("UNPLANNED", "", "PLANNED"), (86, 10, 4))[0]
        else:
            continue
        end = start + int(min(240.0, draw.lognormvariate(log(3), 1.2)) * HOUR) + 4 * MINUTE
        if draft.status in OPEN_STATUSES and start > now - 20 * DAY:
            end = 0
        elif end > now - HOUR:
            continue
        stops.append((draft.asset["id"], start, end, kind))
    return stops
