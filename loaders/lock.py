"""One run at a time: a lock file beside the warehouse, freed by the system when its holder dies."""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from loaders.errors import WarehouseHeldError


@contextmanager
def held(warehouse: Path, command: str) -> Iterator[None]:
    """Hold the warehouse for `command`.

    Raises WarehouseHeldError, which says who holds it since when, while another run does.
    """
    path = warehouse.with_name(warehouse.name + ".lock")
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise WarehouseHeldError(
                f"{warehouse} is held by {_holder(path)}; wait for its end, then run again"
            ) from None
        file.truncate(0)
        since = datetime.now(UTC).isoformat(timespec="seconds")
        file.write(json.dumps({"pid": os.getpid(), "command": command, "since": since}))
        file.flush()
        try:
            yield
        finally:
            file.truncate(0)


def _holder(path: Path) -> str:
    try:
        holder = json.loads(path.read_text())
        return f"`{holder['command']}` (process {holder['pid']}) since {holder['since']}"
    except (OSError, ValueError, KeyError):
        return "another run"
