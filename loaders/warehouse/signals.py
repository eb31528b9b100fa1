"""Signals: what webhooks say has changed, on disk until a run has read it. Opens no database.

`listen` appends to the file of signals. `sync` renames it, reads what it marks and then deletes it.
A kill at any moment loses no signal; it can only have one read twice.
"""

import fcntl
import json
import os
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Signal:
    """One line of the file. received: UTC, ISO 8601. list, id: the record to read again; id None:
    the list. organization_id: None where it is not known."""

    received: str
    event: str
    list: str
    organization_id: int | None
    id: int | None


@dataclass(frozen=True)
class Taken:
    """Signals that a run reads, and the files that hold them."""

    signals: list[Signal]
    files: list[Path]


@dataclass(frozen=True)
class Waiting:
    """signals: number of signals that no run has read. since: when the oldest arrived (UTC, ISO
    8601), None without one. dead_letters: number of signed deliveries that were not understood, in
    the file `dead_letters_in`."""

    signals: int
    since: str | None
    dead_letters: int
    dead_letters_in: Path


def path_of(warehouse: Path) -> Path:
    """The file that `listen` appends to; taken files have its name and a number."""
    return warehouse.with_name(f"{warehouse.name}.signals")


def dead_letters_of(warehouse: Path) -> Path:
    """The file of signed deliveries that were not understood."""
    return warehouse.with_name(f"{warehouse.name}.dead_letters")


def append(path: Path, *lines: dict[str, Any]) -> None:
    """Append lines to a file and return when the disk has them. Raises OSError, if it is full."""
    # Each begins a line of its own, also after one that a full disk cut off.
    text = b"".join(b"\n" + json.dumps(line).encode() for line in lines)
    with _written(path) as file:
        if os.write(file, text) != len(text):
            raise OSError(f"{path} could not be written whole")
        os.fsync(file)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


@contextmanager
def _written(path: Path) -> Iterator[int]:
    """The file, open to append to. `take` waits until it is closed."""
    while True:
        file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW, 0o666)
        try:
            fcntl.flock(file, fcntl.LOCK_SH)
            if _is_at(path, file):
                yield file
                return
        finally:
            os.close(file)


def _is_at(path: Path, file: int) -> bool:
    """Whether an open file was not taken meanwhile."""
    try:
        return os.path.samestat(path.stat(), os.fstat(file))
    except FileNotFoundError:
        return False


def are_new(warehouse: Path) -> bool:
    """Whether signals wait that no run has taken."""
    return path_of(warehouse).exists()


def take(warehouse: Path) -> Taken:
    """All signals, those that an earlier run took and did not settle too. Hold the run's lock."""
    path = path_of(warehouse)
    if path.exists():
        path.rename(_taken_name(path))
    files = _taken_files(path)
    return Taken([signal for file in files for signal in _read(file)], files)


def settle(warehouse: Path, taken: Taken, unread: Collection[Signal]) -> None:
    """Forget the signals that were taken, but for `unread`, which the next run reads."""
    if unread:
        alike = {(one.event, one.list, one.organization_id, one.id): one for one in unread}
        append(_taken_name(path_of(warehouse)), *map(asdict, alike.values()))
    for file in taken.files:
        file.unlink()


def waiting(warehouse: Path) -> Waiting:
    """What waits; reads the files and changes none."""
    path = path_of(warehouse)
    files = [*_taken_files(path), *([path] if path.exists() else ())]
    found = [signal for file in files for signal in _read(file)]
    since = min((signal.received for signal in found), default=None)
    letters = dead_letters_of(warehouse)
    return Waiting(len(found), since, len(_lines(letters)), letters)


def _taken_name(path: Path) -> Path:
    return path.with_name(f"{path.name}.{time.time_ns()}")


def _taken_files(path: Path) -> list[Path]:
    return sorted(file for file in path.parent.iterdir() if file.name.startswith(f"{path.name}."))


def _read(path: Path) -> list[Signal]:
    """The signals of a file. A line that a full disk cut off was never acknowledged."""
    found = []
    for line in _lines(path):
        try:
            found.append(Signal(**json.loads(line)))
        except (ValueError, TypeError):
            continue
    return found


def _lines(path: Path) -> list[bytes]:
    try:
        with path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            return [line for line in file.read().split(b"\n") if line]
    except FileNotFoundError:
        return []
