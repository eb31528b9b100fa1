"""What the peers are asked to load correctly: a list of a sandbox that changes, or a killed run."""

import os
import signal
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from benchmarks.page import ROOT
from benchmarks.peers.peer import Peer
from sandbox import Dataset, Request, Sandbox, serve, small
from sandbox.plant.clock import instant, iso

LIST = "parts"
DRIFTING = 600
MOVED = 10
DELETED = 5
# A tap of Meltano's SDK tells its state after 10,000 records; the target passes it on at 14,000.
LONG = 20_000
KILLED_AT = 90


def dataset(parts: int) -> Dataset:
    """The small plant, its first organization with so many more parts, changed a minute apart."""
    made = small()
    held = made.records[made.organizations[0]["id"]][LIST]
    model, number = held[-1], max(part["id"] for part in held)
    first = instant("2020-01-01T00:00:00.000Z")
    minute = int(timedelta(minutes=1).total_seconds() * 1000)
    held += [
        {**model, "id": number + each, "updatedAt": iso(first + each * minute)}
        for each in range(1, parts + 1)
    ]
    return made


@dataclass
class Trial:
    """One peer against one sandbox, in one folder."""

    peer: Peer
    sandbox: Sandbox
    url: str
    folder: Path
    _process: subprocess.Popen[bytes] | None = None
    pages: list[int] = field(default_factory=list)

    def run(self, setting: str = "", *, dies: bool = False) -> None:
        """Load the list; the peer's own errors are raised unless it `dies`."""
        before = self._asked()
        command, environment = self.peer.command(self.url, self.folder, LIST, setting)
        self._process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        code = self._process.wait()
        self.pages.append(self._asked() - before)
        if code and not dies:
            raise RuntimeError(f"{self.peer.name} ended with {code}")

    def kill(self) -> None:
        """End the running process and its children at once."""
        assert self._process is not None
        os.killpg(self._process.pid, signal.SIGKILL)

    def _asked(self) -> int:
        return sum(request.path == f"/{LIST}" for request in self.sandbox.requests)

    def at_page(self, number: int, do: Callable[[], None]) -> None:
        """Call `do` once, before the page of this number is answered."""

        def before(request: Request) -> None:
            if request.path == f"/{LIST}" and self._asked() == number:
                self.sandbox.before_answer = None
                do()

        self.sandbox.before_answer = before

    @property
    def live(self) -> set[int]:
        """The ids that the sandbox lists."""
        organization = self.sandbox.organization_ids[0]
        return {record["id"] for record in self.sandbox.live(LIST, organization)}

    def compared(self) -> tuple[int, int, int]:
        """Ids that the peer lacks, that it has although they are deleted, and that it has twice."""
        held = Counter(self.peer.ids(self.folder, LIST))
        twice = sum(count > 1 for count in held.values())
        return len(self.live - held.keys()), len(held.keys() - self.live), twice


@contextmanager
def trial(peer: Peer, made: Dataset, folder: Path) -> Iterator[Trial]:
    """A sandbox of its own for a peer."""
    sandbox = Sandbox(made)
    with serve(sandbox) as url:
        yield Trial(peer, sandbox, url, folder)


def drift(peer: Peer, folder: Path) -> dict[str, int]:
    """Records of the first page change and vanish while the second is asked for."""
    with trial(peer, dataset(DRIFTING), folder) as one:

        def move() -> None:
            order = one.sandbox.table(LIST, one.sandbox.organization_ids[0]).order("updatedAt")
            first = [place[2] for place in order[:200]]
            for number in first[:MOVED]:
                one.sandbox.update(LIST, number, name="Moved")
            for number in first[-DELETED:]:
                one.sandbox.delete(LIST, number)

        one.at_page(2, move)
        one.run()
        missing, _, _ = one.compared()
        one.run()
        later, _, twice = one.compared()
        return {"missing": missing, "missing_later": later, "twice": twice}


def kill(peer: Peer, folder: Path) -> dict[str, int]:
    """SIGKILL before a page is answered, then a second run."""
    with trial(peer, dataset(LONG), folder) as one:
        one.at_page(KILLED_AT, one.kill)
        one.run(dies=True)
        one.run()
        missing, _, twice = one.compared()
        return {"pages": one.pages[1], "missing": missing, "twice": twice}


def deletion(peer: Peer, folder: Path) -> dict[str, int]:
    """Records are deleted between two runs; the third run is a full refresh."""
    with trial(peer, dataset(DRIFTING), folder) as one:
        one.run()
        for number in sorted(one.live)[:MOVED]:
            one.sandbox.delete(LIST, number)
        one.run()
        _, kept, _ = one.compared()
        one.run("full")
        _, kept_later, _ = one.compared()
        return {"kept": kept, "kept_later": kept_later}
