"""What a run is asked to do, and whom it tells of its progress."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from loaders.maintainx.catalogue import Resource
from loaders.warehouse.run_log import Outcome


class Progress:
    """Told of a run as it goes, from several threads; this one says nothing."""

    def begin(self, lists: int) -> None:
        """`lists` lists are to be read, each organization's counted."""

    def page(self, outcome: Outcome, records: int) -> None:
        """A page is on disk: `records` of the walk have been read."""

    def end(self, outcomes: list[Outcome]) -> None:
        """One list is through; no outcome where nothing was due."""


@dataclass(frozen=True)
class Options:
    """What a run is asked to do; the command line's help explains each."""

    resources: tuple[Resource, ...]
    full: bool = False
    since: datetime | None = None
    sweep: bool = False
    due: bool = False
    intervals: dict[str, timedelta] = field(default_factory=dict)
    overlap: timedelta = timedelta(hours=2)
    labour_days: int = 14
    labour_interval: timedelta = timedelta(hours=6)
    sweep_interval: timedelta = timedelta(hours=24)
    max_deletions: float = 0.1
    workers: int = 4
