"""Bring the lists up to date: which reads are due, or marked by signals, and the run of them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import chain
from pathlib import Path

from loaders.extract.details import BATCH, read_details
from loaders.extract.list_walk import ListWalk
from loaders.extract.options import Options
from loaders.extract.run import Extraction, Summary
from loaders.maintainx.account import Source
from loaders.maintainx.catalogue import CATALOGUE, Resource, Strategy
from loaders.maintainx.webhooks import DELETIONS, EVENTS
from loaders.warehouse import signals
from loaders.warehouse.file import now
from loaders.warehouse.outcome import Known, Outcome
from loaders.warehouse.signals import Signal


@dataclass(frozen=True)
class Marks:
    """What signals mark, by list and organization. unread: what this run could not read."""

    signals: Sequence[Signal] = ()
    unread: set[tuple[str, int]] = field(default_factory=set)

    def of(self, resource: Resource, organization: int) -> list[Signal]:
        """The signals that mark a list of an organization."""
        return [
            signal
            for signal in self.signals
            if resource.name in EVENTS.get(signal.event, ())
            and signal.organization_id in (None, organization)
        ]

    def left(self) -> list[Signal]:
        """The signals that mark what this run could not read."""
        return [
            signal
            for signal in self.signals
            if any(
                signal in self.of(CATALOGUE[name], organization)
                for name, organization in self.unread
            )
        ]


def refresh_marked(run: Extraction, command: str, *, only: bool) -> Summary:
    """Read what signals of `listen` mark, then forget them; without `only` also what is due.

    A signal whose list could not be read stays for the next run. Raises as `refresh` does.
    """
    warehouse: Path = run.raw.warehouse
    taken = signals.take(warehouse)
    marks = Marks(taken.signals)
    summary = refresh(run, command, marks, only=only)
    signals.settle(warehouse, taken, marks.left())
    return summary


def refresh(
    run: Extraction, command: str, marks: Marks | None = None, *, only: bool = False
) -> Summary:
    """Read and load every list of the options that is due or marked; with `only` what is marked,
    then the details of its records.

    A list that fails leaves the others alone; its outcome holds the error. Raises LoaderError if
    nothing can be read at all: a refused key, no network, an unknown organization.
    """

    marks = marks or Marks()

    def read(source: Source, organization: int, resource: Resource, known: Known) -> list[Outcome]:
        outcomes: list[Outcome] = []
        marked = marks.of(resource, organization)
        walks = [] if only else _due(resource, known, run.options)
        if marked and not walks:
            walks = _due_if_marked(resource, known, run.options)
        is_read = bool(walks)
        for walk in walks:
            outcome = run.outcome(organization, resource.name, walk, known.watermark)
            outcomes.append(outcome)
            is_read = run.guarded(outcome, ListWalk.of(run, source, resource, outcome).go)
            if not is_read:
                break
        if marked and is_read and resource.strategy is Strategy.CHANGED_SINCE:
            outcome = run.outcome(organization, resource.name, "marked", known.watermark)
            mark = ListWalk.of(run, source, resource, outcome).mark
            is_read = run.guarded(outcome, lambda: mark(*_ids(resource, marked)))
            outcomes += [outcome] if outcome.requests or not is_read else []
        if marked and not is_read:
            marks.unread.add((resource.name, organization))
        run.progress.end(outcomes)
        return outcomes

    def then(
        source: Source, organizations: list[int], read: list[list[Outcome]]
    ) -> list[list[Outcome]]:
        most = min(BATCH, run.options.max_details) if only else run.options.max_details
        return [read_details(run, source, organizations, list(chain(*read)), most)]

    return run.logged(command, lambda: list(chain(*run.each_list(read, then))))


def _ids(resource: Resource, marked: list[Signal]) -> tuple[set[int], set[int]]:
    """Ids of a list that signals mark as changed, and as deleted."""
    own = [one for one in marked if one.id and CATALOGUE[one.list].path == resource.path]
    deleted = {one.id for one in own if one.id and one.event in DELETIONS}
    return {one.id for one in own if one.id} - deleted, deleted


def _due_if_marked(resource: Resource, known: Known, options: Options) -> list[str]:
    """The read of a marked list; none where it has to wait: for a full refresh, or because a list
    that is only to be had as a whole was read a moment ago."""
    walk = resource.strategy.later_walk
    if resource.strategy is not Strategy.WHOLE_LIST:
        return [walk] if known.watermark else []
    last = known.ended.get(walk)
    return [walk] if last is None or now() - last >= options.signal_interval else []


def _due(resource: Resource, known: Known, options: Options) -> list[str]:
    """The kinds of read that are due for a list, in order."""

    def is_over(interval: timedelta, *walks: str) -> bool:
        ends = [known.ended[walk] for walk in walks if walk in known.ended]
        return not ends or now() - max(ends) >= interval

    if resource.strategy is Strategy.WHOLE_LIST:
        interval = options.intervals.get(resource.name, resource.interval)
        return ["whole"] if not options.due or is_over(interval, "whole") else []
    sweep = options.sweep or (
        options.since is None and is_over(options.sweep_interval, "whole", "sweep")
    )
    if options.full or (known.watermark is None and options.since is None):
        # A full refresh pages along updatedAt, which a purchase order may lack.
        return ["whole", "sweep"] if resource.detail_is_payload else ["whole"]
    later = resource.strategy.later_walk
    if resource.strategy is Strategy.NEWEST_FIRST:
        return ["whole" if sweep else later]
    labour = []
    if resource.labour and is_over(options.old_labour_interval, "whole", "old_labour"):
        labour = ["old_labour"]
    elif resource.labour and is_over(options.labour_interval, "whole", "labour", "old_labour"):
        labour = ["labour"]
    return [later, *labour, *(["sweep"] if sweep else [])]
