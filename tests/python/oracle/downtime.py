"""Marts of downtime: reliability of assets, and bad actors."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from itertools import groupby, pairwise

from tests.python.oracle.clock import DAY, Calendar, days, hours, instant, month, months_later
from tests.python.oracle.history import Record
from tests.python.oracle.money import costed_in_last_year
from tests.python.oracle.organization import Order, Organization, Row, grouped, ratio

# Where several classes overlap, the first of these counts.
CLASSES = ("ignored", "unplanned", "planned", "unclassified")
DOWN = ("planned", "unplanned", "unclassified")


@dataclass(frozen=True)
class Interval:
    """A longest interval of one class of downtime. stop: number of the asset's unplanned stop that
    contains it, if it is unplanned; ignored time does not split a stop."""

    downtime_class: str
    started_at: datetime
    ended_at: datetime
    is_open: bool
    stop: int


@dataclass
class Stretch:
    """Totals of one or more days of an asset."""

    required: float = 0
    hours: dict[str, float] = field(default_factory=lambda: dict.fromkeys(CLASSES, 0.0))
    failures: int = 0

    @property
    def down(self) -> float:
        return sum(self.hours[each] for each in DOWN)

    @property
    def up(self) -> float:
        return self.required - self.down - self.hours["ignored"]

    def add(self, other: "Stretch") -> None:
        self.required += other.required
        self.failures += other.failures
        for each in CLASSES:
            self.hours[each] += other.hours[each]


def total(stretches: Iterable[Stretch]) -> Stretch:
    whole = Stretch()
    for stretch in stretches:
        whole.add(stretch)
    return whole


def class_of(status: Record) -> str | None:
    """The class of downtime of a status; None while the asset runs."""
    if status["status"] == "IGNORE":
        return "ignored"
    if status["status"] != "OFFLINE":
        return None
    return {"UNPLANNED": "unplanned", "PLANNED": "planned"}.get(
        status.get("downtimeType") or "", "unclassified"
    )


def cleaned(statuses: list[Record], as_of: datetime) -> list[Interval]:
    """An asset's downtime without overlaps, up to as-of, in order of time."""
    edges: list[tuple[datetime, str, int]] = []
    for status in statuses:
        kind = class_of(status)
        started, ended = instant(status.get("startedAt")), instant(status.get("endedAt"))
        if kind is None or started is None or started >= as_of or (ended and ended <= started):
            continue
        edges.append((started, kind, 1))
        if ended and ended <= as_of:
            edges.append((ended, kind, -1))
    found: list[Interval] = []
    counts = dict.fromkeys(CLASSES, 0)
    current: str | None = None
    since, stop = as_of, 0
    for moment, changed in groupby(sorted(edges), key=lambda edge: edge[0]):
        for _, kind, step in changed:
            counts[kind] += step
        winner = next((kind for kind in CLASSES if counts[kind]), None)
        if winner != current:
            if current:
                found.append(Interval(current, since, moment, is_open=False, stop=stop))
            current, since = winner, moment
        if not counts["unplanned"]:
            stop += 1
    if current:
        found.append(Interval(current, since, as_of, is_open=True, stop=stop))
    return found


def failures(intervals: list[Interval]) -> list[list[Interval]]:
    """The unplanned stops, each with its intervals."""
    unplanned = [each for each in intervals if each.downtime_class == "unplanned"]
    return list(grouped(unplanned, lambda interval: interval.stop).values())


def asset_days(
    statuses: list[Record], intervals: list[Interval], calendar: Calendar
) -> dict[date, Stretch]:
    """The days of an asset since its first status."""
    starts = [started for each in statuses if (started := instant(each.get("startedAt")))]
    found = {
        day: Stretch(calendar.length(day))
        for day in days(calendar.day(min(starts)), calendar.today)
    }
    for interval in intervals:
        first, last = calendar.day(interval.started_at), calendar.day(interval.ended_at)
        for day in days(first, last):
            begun = max(interval.started_at, calendar.begins(day))
            over = min(interval.ended_at, calendar.ends(day))
            found[day].hours[interval.downtime_class] += hours(over - begun)
    for stop in failures(intervals):
        found[calendar.day(stop[0].started_at)].failures += 1
    return found


def calendar_of(organization: Organization, asset_id: int) -> Calendar:
    """The days of an asset's site."""
    return organization.calendar(organization.assets.get(asset_id, {}).get("locationId"))


class Downtime:
    """The downtime without overlaps, and the days, of every asset that has a status."""

    def __init__(self, organization: Organization) -> None:
        self.intervals: dict[int, list[Interval]] = {}
        self.days: dict[int, dict[date, Stretch]] = {}
        by_asset = grouped(organization.statuses, lambda status: int(status["assetId"]))
        for asset_id, statuses in by_asset.items():
            calendar = calendar_of(organization, asset_id)
            self.intervals[asset_id] = cleaned(statuses, calendar.as_of)
            self.days[asset_id] = asset_days(statuses, self.intervals[asset_id], calendar)


@cache
def downtime_of(organization: Organization) -> Downtime:
    return Downtime(organization)


def asset_reliability_monthly(organization: Organization) -> Iterator[Row]:
    downtime = downtime_of(organization)
    # A repair belongs to a month of the asset, wherever the order was.
    repairs = grouped(
        (
            order
            for order in organization.counted
            if order.work_type == "REACTIVE" and order.is_done and order.completed_at
        ),
        lambda order: (
            order.asset_id,
            month(
                calendar_of(organization, order.asset_id).day(
                    order.completed_at or order.created_at
                )
            ),
        ),
    )
    for asset_id, by_day in downtime.days.items():
        calendar = calendar_of(organization, asset_id)
        closed = grouped(
            (stop for stop in failures(downtime.intervals[asset_id]) if not stop[-1].is_open),
            lambda stop, calendar=calendar: month(calendar.day(stop[0].started_at)),  # type: ignore[misc]
        )
        months = {
            start: total(by_day[day] for day in group)
            for start, group in grouped(by_day, month).items()
        }
        for start, stretch in months.items():
            year = total(
                months[former]
                for former in (months_later(start, -back) for back in range(12))
                if former in months
            )
            stopped = [
                sum(hours(each.ended_at - each.started_at) for each in stop)
                for stop in closed.get(start, [])
            ]
            yield {
                "asset_id": asset_id,
                "month_start_on": start,
                "required_hours": stretch.required,
                "ignored_hours": stretch.hours["ignored"],
                "planned_hours": stretch.hours["planned"],
                "unplanned_hours": stretch.hours["unplanned"],
                "unclassified_hours": stretch.hours["unclassified"],
                "down_hours": stretch.down,
                "up_hours": stretch.up,
                "failures": stretch.failures,
                "availability": ratio(stretch.up, stretch.required - stretch.hours["ignored"]),
                "required_hours_12m": year.required,
                "ignored_hours_12m": year.hours["ignored"],
                "down_hours_12m": year.down,
                "failures_12m": year.failures,
                "mtbf_hours": ratio(year.up, year.failures),
                **_running(organization, asset_id, start),
                "closed_failures": len(stopped),
                "closed_failure_hours": sum(stopped),
                "mean_downtime_hours": ratio(sum(stopped), len(stopped)),
                **_repairs(repairs.get((asset_id, start), [])),
            }


UNITS = ("h", "hr", "hrs", "hour", "hours", "std", "stunden", "betriebsstunden")


@cache
def _hour_meters(organization: Organization) -> dict[int, list[tuple[datetime, float]]]:
    """Asset -> time and value of each reading of its hour meter; of several, of the one that was
    read most often."""
    found: dict[int, list[tuple[int, list[tuple[datetime, float]]]]] = {}
    for meter_id, told in organization.versions("meters").items():
        now = told[-1].record
        if now.get("assetId") and str(now.get("unit")).strip().lower() in UNITS:
            seen = {
                reading["id"]: (instant(reading["readingDate"]), float(reading["value"]))
                for reading in (version.record.get("lastReading") for version in told)
                if reading
            }
            readings = sorted((at, value) for at, value in seen.values() if at)
            if readings:
                found.setdefault(now["assetId"], []).append((meter_id, readings))
    return {
        asset_id: min(meters, key=lambda meter: (-len(meter[1]), meter[0]))[1]
        for asset_id, meters in found.items()
    }


def _running(organization: Organization, asset_id: int, start: date) -> Row:
    """What the hour meter counted in the twelve months that end with this one."""
    calendar = calendar_of(organization, asset_id)
    first = months_later(start, -11)
    last = min(months_later(start, 1) - DAY, calendar.today)
    stops = [
        stop[0].started_at
        for stop in failures(downtime_of(organization).intervals.get(asset_id, []))
    ]
    counted, covered, failed, spans = 0.0, 0.0, 0, 0
    for (since, former), (until, value) in pairwise(_hour_meters(organization).get(asset_id, [])):
        passed = hours(until - since)
        if calendar.day(since) < first or calendar.day(until) > last:
            continue
        if 0 <= value - former <= passed + 1:
            counted, covered, spans = counted + value - former, covered + passed, spans + 1
            failed += sum(since <= stop < until for stop in stops)
    return {
        "running_hours_12m": counted if spans else None,
        "running_failures_12m": failed if spans else None,
        "mtbf_running_hours": ratio(counted, failed),
        "mtbf_running_coverage": min(covered / 24 / ((last - first).days + 1), 1),
    }


def _repairs(done: list[Order]) -> Row:
    logged = [order.logged_hours for order in done if order.logged_hours > 0]
    return {
        "mttr_orders": len(logged),
        "mttr_logged_hours": sum(logged),
        "mttr_hours": ratio(sum(logged), len(logged)),
        "mttr_coverage": ratio(len(logged), len(done)),
    }


def bad_actors(organization: Organization) -> Iterator[Row]:
    stretches = {
        asset_id: total(
            stretch
            for day, stretch in by_day.items()
            if calendar_of(organization, asset_id).is_in_last_year(day)
        )
        for asset_id, by_day in downtime_of(organization).days.items()
    }
    costed = costed_in_last_year(organization)
    costs = {asset_id: sum(order.cost() for order in orders) for asset_id, orders in costed.items()}
    reactive = grouped(
        (
            order
            for order in organization.counted
            if order.work_type == "REACTIVE"
            and order.status != "CANCELED"
            and order.calendar.is_in_last_year(order.created_on)
        ),
        lambda order: order.asset_id,
    )
    rows = []
    # Work on an asset that is in no list is in no row and in no total.
    for asset_id in organization.assets:
        stretch = stretches.get(asset_id, Stretch())
        counted = [order for order in costed.get(asset_id, []) if not order.is_parent]
        row = {
            "asset_id": asset_id,
            "downtime_hours": stretch.down,
            "unplanned_hours": stretch.hours["unplanned"],
            "failures": stretch.failures,
            "maintenance_cost": costs.get(asset_id, 0),
            "reactive_orders": len(reactive.get(asset_id, [])),
            "cost_coverage": ratio(sum(bool(order.entries) for order in counted), len(counted)),
        }
        if row["downtime_hours"] or row["maintenance_cost"] or row["reactive_orders"]:
            rows.append(row)
    for measure in ("downtime_hours", "maintenance_cost", "reactive_orders"):
        _rank(rows, measure)
    yield from rows


def _rank(rows: list[Row], measure: str) -> None:
    name = {"downtime_hours": "downtime", "maintenance_cost": "cost"}.get(measure, "orders")
    whole = sum(row[measure] for row in rows)
    running = 0
    ordered = sorted(rows, key=lambda row: (-row[measure], row["asset_id"]))
    for rank, row in enumerate(ordered, 1):
        running += row[measure]
        row[f"{name}_rank"] = rank
        row[f"{name}_share"] = ratio(row[measure], whole)
        row[f"{name}_cumulative_share"] = ratio(running, whole)


def reason_of(organization: Organization, interval: Interval, statuses: list[Record]) -> str:
    """The reason of the earliest status of the class, among those that reach into the interval."""
    for status in sorted(statuses, key=lambda each: (instant(each["startedAt"]), each["id"])):
        started, ended = instant(status["startedAt"]), instant(status.get("endedAt"))
        custom = organization.custom_statuses.get(status.get("customStatusId") or 0, {})
        reason = (custom.get("label") or "").strip() or (status.get("description") or "").strip()
        if (
            reason
            and class_of(status) == interval.downtime_class
            and started
            and started < interval.ended_at
            and (ended is None or ended > max(started, interval.started_at))
        ):
            return reason
    return "no reason given"


def downtime_reasons(organization: Organization) -> Iterator[Row]:
    statuses = grouped(organization.statuses, lambda status: int(status["assetId"]))
    rows: list[Row] = []
    for asset_id, intervals in downtime_of(organization).intervals.items():
        if asset_id not in organization.assets:
            continue
        calendar = calendar_of(organization, asset_id)
        first = months_later(calendar.today, -12) + DAY
        recent = [
            each
            for each in intervals
            if each.downtime_class in DOWN and each.ended_at > calendar.begins(first)
        ]
        by_reason = grouped(
            recent,
            lambda each, asset_id=asset_id: reason_of(organization, each, statuses[asset_id]),  # type: ignore[misc]
        )
        site = organization.site(organization.assets[asset_id].get("locationId"))
        for reason, stops in by_reason.items():
            spans = {
                kind: sum(
                    hours(each.ended_at - max(each.started_at, calendar.begins(first)))
                    for each in stops
                    if each.downtime_class == kind
                )
                for kind in DOWN
            }
            rows.append(
                {
                    "asset_id": asset_id,
                    "reason": reason,
                    "site_location_id": site,
                    **organization.site_columns(site),
                    "stops": len(stops),
                    "downtime_hours": sum(spans.values()),
                    **{f"{kind}_hours": span for kind, span in spans.items()},
                    "from_on": first,
                    "to_on": calendar.today,
                }
            )
    for level, key in (("asset", "asset_id"), ("site", "site_location_id"), ("organization", "")):
        for group in grouped(rows, lambda row, key=key: row.get(key)).values():  # type: ignore[misc]
            _pareto(level, group)
    yield from rows


def _pareto(level: str, rows: list[Row]) -> None:
    """Rank the reasons of an asset, a site or an organization."""
    sums = {
        reason: sum(row["downtime_hours"] for row in group)
        for reason, group in grouped(rows, lambda row: row["reason"]).items()
    }
    whole = sum(sums.values())
    running = 0.0
    # Hours that are equal to the microsecond are equal.
    ordered = sorted(sums, key=lambda reason: (-round(sums[reason] * 3600, 6), reason))
    for rank, reason in enumerate(ordered, 1):
        running += sums[reason]
        for row in rows:
            if row["reason"] == reason:
                row[f"{level}_reason_hours"] = sums[reason]
                row[f"{level}_hours"] = whole
                row[f"{level}_rank"] = rank
                row[f"{level}_share"] = ratio(sums[reason], whole)
                row[f"{level}_cumulative_share"] = ratio(running, whole)
                row[f"{level}_reason_coverage"] = ratio(
                    whole - sums.get("no reason given", 0), whole
                )
