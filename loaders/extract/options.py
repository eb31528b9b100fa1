"""Options of a run, and the listener for its progress."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from loaders.maintainx.catalogue import Detail, Resource
from loaders.warehouse.outcome import Outcome


class Progress:
    """Is told of the progress of a run, from several threads; this one prints nothing."""

    def begin(self, lists: int) -> None:
        """`lists` lists will be read, counted per organization."""

    def page(self, outcome: Outcome, records: int) -> None:
        """A page is on disk: `records` records of the list have been read."""

    def end(self, outcomes: list[Outcome]) -> None:
        """One list is finished; no outcome if nothing was due."""


@dataclass(frozen=True)
class Options:
    """Options of a run; the help of the command line explains each."""

    resources: tuple[Resource, ...]
    details: tuple[Detail, ...] = ()
    max_details: int = 400
    full: bool = False
    since: datetime | None = None
    sweep: bool = False
    due: bool = False
    intervals: dict[str, timedelta] = field(default_factory=dict)
    overlap: timedelta = timedelta(hours=2)
    labour_days: int = 14
    labour_interval: timedelta = timedelta(hours=6)
    old_labour_interval: timedelta = timedelta(days=7)
    sweep_interval: timedelta = timedelta(hours=24)
    signal_interval: timedelta = timedelta(minutes=5)
    max_deletions: float = 0.1
    workers: int = 4
