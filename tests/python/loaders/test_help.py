"""The command line's own texts: examples that run, no retired phrase, refusals that help."""

import re
import shlex
import socket
from collections.abc import Iterator

import click
import pytest

from loaders.commands.main import main
from tests.python.loaders.conftest import in_process
from tests.python.test_wording import retired


def commands(group: click.Group, *path: str) -> Iterator[tuple[str, ...]]:
    yield path
    with click.Context(group) as context:
        for name in group.list_commands(context):
            found = group.get_command(context, name)
            assert found is not None
            if isinstance(found, click.Group):
                yield from commands(found, *path, name)
            else:
                yield (*path, name)


COMMANDS = list(commands(main))


def said(*arguments: str, expect: int = 0) -> str:
    return in_process(*arguments, expect=expect).output


def examples(text: str) -> list[list[str]]:
    lines = re.findall(r"^ *python -m loaders (.*?)(?: {2,}.*)?$", text, re.MULTILINE)
    return [shlex.split(line) for line in lines]


def parsed(command: click.Command, words: list[str], parent: click.Context | None = None) -> None:
    """Parse the words as they stand, and run nothing."""
    if isinstance(command, click.Group):
        with click.Context(command, parent=parent) as context:
            _, found, rest = command.resolve_command(context, words)
            assert found is not None
            parsed(found, rest, context)
    else:
        command.make_context(command.name, words, parent=parent)


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_help_is_plain(command: tuple[str, ...]) -> None:
    words = " ".join(said(*command, "--help").split())
    assert retired(words) == []


@pytest.mark.parametrize("command", [one for one in COMMANDS if len(one) == 1], ids=" ".join)
def test_every_example_is_understood(command: tuple[str, ...]) -> None:
    found = examples(said(*command, "--help"))
    assert found
    for example in found:
        said(*example, "--help")
        parsed(main, example)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("sync", "--every", "0s"), "must be longer than zero"),
        (("extract", "--timeout", "0s"), "must be longer than zero"),
        (("extract", "--overlap", "999999999999d"), "too long"),
        (("extract", "--overlap", "soon"), "write 90s, 15m, 2h or 7d"),
        (("extract", "--interval", "nothing=2h"), "no list is named 'nothing'"),
        (("sandbox", "--work-orders", "1"), "at least 200"),
        (("exprot",), "No such command 'exprot' (did you mean export?)"),
        (("qqq",), "No such command 'qqq'; see `"),
        (("extract", "--qqq"), "No such option '--qqq'; see `"),
        (("export", "xslx"), "Did you mean 'xlsx'?"),
        (("sync", "--interval", "wrok_orders=2h"), "'wrok_orders' (did you mean work_orders?)"),
        (("retire", "1", "wrok_orders", "qqq"), "qqq, wrok_orders (did you mean work_orders?);"),
        (("sandbox", "--without", "wrok_orders"), "wrok_orders (did you mean work_orders?);"),
    ],
)
def test_a_wrong_value_is_refused_with_what_to_do(arguments: tuple[str, ...], says: str) -> None:
    text = said(*arguments, expect=2)
    assert text.startswith("error: ")
    assert text.count("\n") == 1
    assert says in text


def test_a_busy_port_is_one_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as busy:
        port = busy.getsockname()[1]
        text = said("sandbox", "--small", "--port", str(port), expect=2)
    assert text.count("\n") == 1
    assert f"port {port} is in use by another program" in text
