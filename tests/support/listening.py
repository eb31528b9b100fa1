"""A receiver of webhooks as a process of its own."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SECRETS = ("old-secret", "sandbox-secret")

RUN = """
import runpy
runpy.run_module("loaders", run_name="__main__", alter_sys=True)
"""


@dataclass
class Receiver:
    """`python -m loaders listen` beside `warehouse`; `url` is where it listens."""

    process: subprocess.Popen[str]
    url: str
    warehouse: Path

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def lines(self, name: str = "signals") -> list[str]:
        """Lines of a file beside the warehouse."""
        path = self.warehouse.with_name(f"{self.warehouse.name}.{name}")
        return [line for line in path.read_text().splitlines() if line] if path.exists() else []


@contextmanager
def listening(
    warehouse: Path,
    *options: str,
    port: int = 0,
    prelude: str = "",
    secrets: str = ", ".join(SECRETS),
) -> Iterator[Receiver]:
    """Start a receiver, and end it at the end of the block.

    prelude: Python that the process runs first.
    """
    known = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    known["MAINTAINX_WAREHOUSE"] = str(warehouse)
    known["MAINTAINX_WEBHOOK_SECRETS"] = secrets
    log = warehouse.parent / "listen.log"
    with (
        log.open("a") as err,
        subprocess.Popen(
            [sys.executable, "-c", prelude + RUN, "listen", "--port", str(port), *options],
            cwd=ROOT,
            env=known,
            stdout=subprocess.PIPE,
            stderr=err,
            text=True,
        ) as process,
    ):
        try:
            assert process.stdout is not None
            said = process.stdout.readline()
            assert said, log.read_text()
            yield Receiver(process, said.split()[-1], warehouse)
        finally:
            process.terminate()
