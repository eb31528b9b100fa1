"""Local days: when they begin, how long they are, and the weeks and months that they make."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


def instant(text: str | None) -> datetime | None:
    """The moment that a record names, in UTC."""
    return datetime.fromisoformat(text).astimezone(UTC) if text else None


def hours(span: timedelta) -> float:
    return span / HOUR


def monday(day: date) -> date:
    """The week of a day, by its Monday."""
    return day - day.weekday() * DAY


def month(day: date) -> date:
    """The month of a day, by its first."""
    return day.replace(day=1)


def months_later(day: date, count: int) -> date:
    """The same day so many months later; the last of that month where it has no such day."""
    year, index = divmod(day.year * 12 + day.month - 1 + count, 12)
    first = date(year, index + 1, 1)
    after = date(year + 1, 1, 1) if index == 11 else date(year, index + 2, 1)
    return first + min(day.day - 1, (after - first).days - 1) * DAY


def days(first: date, last: date) -> Iterator[date]:
    """The days from the first to the last, both included."""
    for number in range((last - first).days + 1):
        yield first + number * DAY


class Calendar:
    """The days of one time zone, as they stand at one moment: the last of them is not over."""

    def __init__(self, zone: str, as_of: datetime) -> None:
        self.as_of = as_of
        self._zone = ZoneInfo(zone)
        self._begins: dict[date, datetime] = {}

    @cached_property
    def today(self) -> date:
        return self.day(self.as_of)

    def day(self, moment: datetime) -> date:
        """The local day of a moment."""
        return moment.astimezone(self._zone).date()

    def begins(self, day: date) -> datetime:
        """When a local day begins, in UTC."""
        if day not in self._begins:
            midnight = datetime(day.year, day.month, day.day, tzinfo=self._zone)
            self._begins[day] = midnight.astimezone(UTC)
        return self._begins[day]

    def ends(self, day: date) -> datetime:
        """When a local day ends, in UTC; as-of for the day that is not over."""
        return min(self.begins(day + DAY), self.as_of)

    def length(self, day: date) -> float:
        """Hours of a local day: 24, 23 or 25, and what has passed of the last."""
        return hours(self.ends(day) - self.begins(day))

    def is_in_last_year(self, day: date) -> bool:
        """Whether a day lies in the twelve months up to today."""
        return months_later(self.today, -12) < day <= self.today
