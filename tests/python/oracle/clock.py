"""Local days: their start, their length, their weeks and months."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


def instant(text: str | None) -> datetime | None:
    """A timestamp of a record, in UTC."""
    return datetime.fromisoformat(text).astimezone(UTC) if text else None


def hours(span: timedelta) -> float:
    return span / HOUR


def monday(day: date) -> date:
    """The Monday of the week of a day."""
    return day - day.weekday() * DAY


def month(day: date) -> date:
    """The first day of the month of a day."""
    return day.replace(day=1)


def months_later(day: date, count: int) -> date:
    """The same day of the month after some months, or the last day of that month."""
    year, index = divmod(day.year * 12 + day.month - 1 + count, 12)
    first = date(year, index + 1, 1)
    after = date(year + 1, 1, 1) if index == 11 else date(year, index + 2, 1)
    return first + min(day.day - 1, (after - first).days - 1) * DAY


def days(first: date, last: date) -> Iterator[date]:
    """The days from the first to the last, both inclusive."""
    for number in range((last - first).days + 1):
        yield first + number * DAY


class Calendar:
    """The days of one time zone up to as-of. The last day is not over."""

    def __init__(self, zone: str, as_of: datetime) -> None:
        self.as_of = as_of
        self._zone = ZoneInfo(zone)
        self._begins: dict[date, datetime] = {}

    @cached_property
    def today(self) -> date:
        return self.day(self.as_of)

    def day(self, moment: datetime) -> date:
        """The local day of a timestamp."""
        return moment.astimezone(self._zone).date()

    def begins(self, day: date) -> datetime:
        """The start of a local day, in UTC."""
        if day not in self._begins:
            midnight = datetime(day.year, day.month, day.day, tzinfo=self._zone)
            self._begins[day] = midnight.astimezone(UTC)
        return self._begins[day]

    def ends(self, day: date) -> datetime:
        """The end of a local day, in UTC; as-of for the day that is not over."""
        return min(self.begins(day + DAY), self.as_of)

    def length(self, day: date) -> float:
        """Hours of a local day: 24, 23 or 25; for the last day, the hours up to as-of."""
        return hours(self.ends(day) - self.begins(day))

    def is_in_last_year(self, day: date) -> bool:
        """Whether a day lies in the twelve months up to today."""
        return months_later(self.today, -12) < day <= self.today
