"""What goes to the terminal: names and messages from MaintainX cannot command it."""

import logging
import re
from typing import Any

import click

# Control characters but tab and line feed, marks that turn the direction of text, halves of pairs.
_COMMANDS = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)


def printable(text: str) -> str:
    r"""`text` with each character that a terminal would obey as an escape, such as \x1b."""
    return _COMMANDS.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def counted(number: int, noun: str) -> str:
    """A number with its noun in the right number: `1 row`, `2,000 rows`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def say(text: str, err: bool = False, **style: Any) -> None:
    """Print a line."""
    click.secho(printable(text), err=err, **style)


class TextFormatter(logging.Formatter):
    """Time and message of a log line."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(message)s", "%H:%M:%S")

    def format(self, record: logging.LogRecord) -> str:
        return printable(super().format(record))
