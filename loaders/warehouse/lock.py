"""One run at a time: a lock file beside what it writes. The system frees it if the process dies."""

import contextlib
import fcntl
import json
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from loaders.errors import FULL, SettingsError, StoppedError, WarehouseHeldError, explained

# Of what reads MaintainX. Of what runs dbt: one may run beside the other.
RUN = "lock"
BUILD = "build.lock"


@contextmanager
def held(
    warehouse: Path,
    command: str,
    otherwise: str = "check MAINTAINX_WAREHOUSE",
    kind: str = RUN,
) -> Iterator[None]:
    """Lock the warehouse, or another file at that path, for `command`.

    Raises WarehouseHeldError while another run holds the lock; the message names that run.
    Raises SettingsError when the lock file cannot be created.
    """
    path = _path(warehouse, kind)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # A link would have the file behind it emptied.
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW
        opened = os.fdopen(os.open(path, flags, 0o666), "ab", buffering=0)
    except OSError as error:
        if error.errno in FULL:
            raise explained(error) or error from None
        raise SettingsError(f"{path} cannot be written ({error.strerror}): {otherwise}") from None
    with opened as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise _held_by(warehouse, kind) from None
        since = datetime.now(UTC).isoformat(timespec="seconds")
        holder = {"pid": os.getpid(), "command": command, "since": since}
        # The lock works without its label, which a full disk may refuse.
        with contextlib.suppress(OSError):
            file.truncate(0)
            file.write(json.dumps(holder).encode())
        try:
            yield
        finally:
            file.truncate(0)


def wait_for_build(warehouse: Path, patience: float, stop: threading.Event) -> None:
    """Return when no build holds the warehouse. Raises WarehouseHeldError after `patience` seconds.

    Writes nothing, so that a build can start beside who only reads. Ends when `stop` is set.
    """
    deadline = time.monotonic() + patience
    while is_held(warehouse, BUILD):
        if time.monotonic() > deadline:
            raise _held_by(warehouse, BUILD)
        if stop.wait(0.2):
            raise StoppedError(f"stopped while {warehouse} was built; run the command again")


def is_held(warehouse: Path, kind: str = RUN) -> bool:
    """Whether a run holds the warehouse; writes nothing."""
    try:
        with _path(warehouse, kind).open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        pass
    return False


def _path(warehouse: Path, kind: str) -> Path:
    return warehouse.with_name(f"{warehouse.name}.{kind}")


def builder(warehouse: Path) -> str | None:
    """Who builds the warehouse, other than this process and the one that started it."""
    if not is_held(warehouse, BUILD):
        return None
    number, name = _holder(warehouse, BUILD)
    return None if number in (os.getpid(), os.getppid()) else name


def _holder(warehouse: Path, kind: str) -> tuple[int | None, str]:
    """Process id and name of the run that holds the lock."""
    try:
        holder = json.loads(_path(warehouse, kind).read_text())
        name = f"`{holder['command']}` (process {holder['pid']}) since {holder['since']}"
        return int(holder["pid"]), name
    except (OSError, ValueError, KeyError, TypeError):
        return None, "another run"


def _held_by(warehouse: Path, kind: str) -> WarehouseHeldError:
    _, name = _holder(warehouse, kind)
    return WarehouseHeldError(f"{warehouse} is held by {name}; wait for its end, then run again")
