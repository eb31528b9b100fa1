"""Parameter types of the command line, and options that several commands share."""

import errno
import inspect
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import wraps
from typing import Any

import click

from loaders.errors import SettingsError, did_you_mean
from loaders.maintainx.catalogue import CATALOGUE

Command = Callable[..., None]

UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}

# No wait of the system takes more than some centuries.
CENTURY = timedelta(days=36_500)

quiet_option = click.option("-q", "--quiet", is_flag=True, help="Print only warnings and errors.")


def unopened(port: int, error: OSError) -> SettingsError:
    """A port that cannot be opened, with what to do."""
    if error.errno == errno.EADDRINUSE:
        return SettingsError(
            f"port {port} is in use by another program: choose another with --port, or take any"
            " free one with --port 0"
        )
    return SettingsError(f"port {port} cannot be opened: {error.strerror}")


def collected(
    kind: Callable[..., object], name: str, *options: Callable[[Command], Command]
) -> Callable[[Command], Command]:
    """A decorator that adds `options` to a command.

    The command receives their values as one argument, `name`: an object of the dataclass `kind`,
    whose fields are named like the options.
    """
    fields = inspect.signature(kind).parameters

    def decorate(command: Command) -> Command:
        @wraps(command)
        def collecting(**given: object) -> None:
            own = {field: given.pop(field) for field in fields}
            command(**given, **{name: kind(**own)})

        decorated: Command = collecting
        for option in reversed(options):
            decorated = option(decorated)
        return decorated

    return decorate


class Duration(click.ParamType[timedelta]):
    """A length of time: 90s, 15m, 2h, 7d, at most `longest`. `positive`: zero is refused."""

    name = "duration"

    def __init__(self, positive: bool = False, longest: timedelta = CENTURY) -> None:
        self.positive = positive
        self.longest = longest

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> timedelta:
        if isinstance(value, timedelta):
            return value
        if not (match := re.fullmatch(r"(\d+(?:\.\d+)?)([smhd])", str(value).strip())):
            self.fail(f"{value!r} is not a length of time; write 90s, 15m, 2h or 7d", param, ctx)
        try:
            length = timedelta(**{UNITS[match[2]]: float(match[1])})
        except OverflowError:
            length = timedelta.max
        if length > self.longest:
            self.fail(f"{value!r} is too long; the longest is {self.longest.days}d", param, ctx)
        if self.positive and not length:
            self.fail(f"{value!r} must be longer than zero; write 90s, 15m, 2h or 7d", param, ctx)
        return length


class Moment(click.ParamType[datetime]):
    """A date or a date and time; UTC unless it has an offset."""

    name = "date"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        if isinstance(value, datetime):
            return value
        try:
            moment = datetime.fromisoformat(str(value))
            return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment
        except (ValueError, OverflowError):
            self.fail(f"{value!r} is not a date; write 2026-01-31 or 2026-01-31T08:00", param, ctx)


class PublicUrl(click.ParamType[str]):
    """The start of a URL, without a slash at its end, query and fragment."""

    name = "url"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        text = str(value).rstrip("/")
        if not re.fullmatch(r"https?://[^\s/?#@]+(/[^\s?#]*)?", text):
            self.fail(f"{value!r} is no URL; write https://plant.example.com", param, ctx)
        return text


class ListInterval(click.ParamType[tuple[str, timedelta]]):
    """LIST=DURATION, such as users=12h."""

    name = "list=duration"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, timedelta]:
        if isinstance(value, tuple):
            return value
        name, _, length = str(value).partition("=")
        if name not in CATALOGUE:
            wrong = repr(name) + did_you_mean(name, CATALOGUE)
            self.fail(f"no list is named {wrong}; `extract --help` prints the names", param, ctx)
        return name, Duration().convert(length, param, ctx)
