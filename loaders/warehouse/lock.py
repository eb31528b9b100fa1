"""One run at a time: a lock file beside the warehouse. The system frees it if the process dies."""

import contextlib
import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from loaders.errors import FULL, SettingsError, WarehouseHeldError, explained


@contextmanager
def held(
    warehouse: Path, command: str, otherwise: str = "check MAINTAINX_WAREHOUSE"
) -> Iterator[None]:
    """Lock the warehouse, or another file at that path, for `command`.

    Raises WarehouseHeldError while another run holds the lock; the message names that run.
    Raises SettingsError when the lock file cannot be created.
    """
    path = warehouse.with_name(warehouse.name + ".lock")
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
            raise WarehouseHeldError(
                f"{warehouse} is held by {_holder(path)}; wait for its end, then run again"
            ) from None
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


def is_held(warehouse: Path) -> bool:
    """Whether a run holds the warehouse; writes nothing."""
    try:
        with warehouse.with_name(warehouse.name + ".lock").open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        pass
    return False


def _holder(path: Path) -> str:
    try:
        holder = json.loads(path.read_text())
        return f"`{holder['command']}` (process {holder['pid']}) since {holder['since']}"
    except (OSError, ValueError, KeyError, TypeError):
        return "another run"
