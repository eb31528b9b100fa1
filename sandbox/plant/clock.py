"""Instants as whole milliseconds since 1970 (UTC), and local time in two time zones.

Daylight saving is calculated here, not read from the system's zone files, so that the same
seed gives the same bytes on every machine.
"""

from bisect import bisect_right
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

SECOND = 1000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR


def instant(text: str, *, up: bool = False) -> int:
    """Milliseconds of an ISO 8601 text; microseconds are cut off or, with `up`, rounded up.

    A text without offset is UTC. Raises ValueError.
    """
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    since = moment - datetime(1970, 1, 1, tzinfo=UTC)
    return -(-since // timedelta(milliseconds=1)) if up else since // timedelta(milliseconds=1)


@lru_cache(maxsize=8192)
def _date(day: int) -> str:
    return (date(1970, 1, 1) + timedelta(days=day)).isoformat()


def iso(instant: int) -> str:
    """The text of an instant as MaintainX writes it: 2024-01-01T00:00:00.000Z."""
    day, rest = divmod(instant, DAY)
    seconds, milliseconds = divmod(rest, SECOND)
    minutes, second = divmod(seconds, 60)
    hour, minute = divmod(minutes, 60)
    return f"{_date(day)}T{hour:02}:{minute:02}:{second:02}.{milliseconds:03}Z"


def _sunday(year: int, month: int, nth: int) -> int:
    """Days since 1970 of the nth Sunday of a month; the last one for nth = -1."""
    if nth > 0:
        first = date(year, month, 1)
        found = first + timedelta(days=(6 - first.weekday()) % 7 + 7 * (nth - 1))
    else:
        last = date(year, month + 1, 1) - timedelta(days=1)
        found = last - timedelta(days=(last.weekday() + 1) % 7)
    return (found - date(1970, 1, 1)).days


class Zone:
    """A time zone. `name` is its IANA name."""

    def __init__(self, name: str, winter: int, changes: list[int]) -> None:
        self.name = name
        self._winter = winter
        self._changes = changes

    def offset(self, instant: int) -> int:
        """Milliseconds to add to UTC for local time."""
        summer = bisect_right(self._changes, instant) % 2 == 1
        return self._winter + (HOUR if summer else 0)

    def midnight(self, instant: int) -> int:
        """The instant at which the local day of `instant` begins."""
        local = instant + self.offset(instant)
        return self.at(local - local % DAY)

    def at(self, local: int) -> int:
        """The instant at which the wall clock shows `local`."""
        return local - self.offset(local - self.offset(local))


_YEARS = range(2015, 2040)
CHICAGO = Zone(
    "America/Chicago",
    -6 * HOUR,
    [
        change
        for year in _YEARS
        for change in (
            _sunday(year, 3, 2) * DAY + 8 * HOUR,
            _sunday(year, 11, 1) * DAY + 7 * HOUR,
        )
    ],
)
BERLIN = Zone(
    "Europe/Berlin",
    HOUR,
    [
        change
        for year in _YEARS
        for change in (
            _sunday(year, 3, -1) * DAY + HOUR,
            _sunday(year, 10, -1) * DAY + HOUR,
        )
    ],
)
