"""The kinds of value that the command line takes, and how commands share options."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import click

from loaders.maintainx.catalogue import CATALOGUE

Command = Callable[..., None]

UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def with_options(*options: Callable[[Command], Command]) -> Callable[[Command], Command]:
    """A decorator that gives a command these options, in this order of its help."""

    def decorate(command: Command) -> Command:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


class Duration(click.ParamType[Any]):
    """A length of time: 90s, 15m, 2h, 7d."""

    name = "duration"

    def convert(self, value: Any, param: Any, ctx: Any) -> timedelta:
        if isinstance(value, timedelta):
            return value
        if not (match := re.fullmatch(r"(\d+(?:\.\d+)?)([smhd])", str(value).strip())):
            self.fail(f"{value!r} is no length of time; write 90s, 15m, 2h or 7d", param, ctx)
        return timedelta(**{UNITS[match[2]]: float(match[1])})


class Moment(click.ParamType[Any]):
    """A date or a date and time, UTC unless it says another offset."""

    name = "date"

    def convert(self, value: Any, param: Any, ctx: Any) -> datetime:
        if isinstance(value, datetime):
            return value
        try:
            moment = datetime.fromisoformat(str(value))
            return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment
        except (ValueError, OverflowError):
            self.fail(f"{value!r} is no date; write 2026-01-31 or 2026-01-31T08:00", param, ctx)


class Beat(click.ParamType[Any]):
    """LIST=DURATION, such as users=12h."""

    name = "list=duration"

    def convert(self, value: Any, param: Any, ctx: Any) -> tuple[str, timedelta]:
        if isinstance(value, tuple):
            return value
        name, _, length = str(value).partition("=")
        if name not in CATALOGUE:
            self.fail(f"no such list: {name!r}", param, ctx)
        return name, Duration().convert(length, param, ctx)
