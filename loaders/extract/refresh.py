"""Bring the lists up to date: which reads are due, and the run that does them."""

from datetime import timedelta
from itertools import chain

from loaders.extract.details import read_details
from loaders.extract.list_walk import ListWalk
from loaders.extract.options import Options
from loaders.extract.run import Extraction, Summary
from loaders.maintainx.account import Source
from loaders.maintainx.catalogue import Resource, Strategy
from loaders.warehouse.file import now
from loaders.warehouse.outcome import Known, Outcome


def refresh(run: Extraction, command: str) -> Summary:
    """Read and load every list of the options that is due, then the details of its records.

    A list that fails leaves the others alone; its outcome holds the error. Raises LoaderError if
    nothing can be read at all: a refused key, no network, an unknown organization.
    """

    def read(source: Source, organization: int, resource: Resource, known: Known) -> list[Outcome]:
        outcomes: list[Outcome] = []
        for walk in _due(resource, known, run.options):
            outcome = run.outcome(organization, resource.name, walk, known.watermark)
            outcomes.append(outcome)
            if not run.guarded(outcome, ListWalk.of(run, source, resource, outcome).go):
                break
        run.progress.end(outcomes)
        return outcomes

    def then(
        source: Source, organizations: list[int], read: list[list[Outcome]]
    ) -> list[list[Outcome]]:
        return [read_details(run, source, organizations, list(chain(*read)))]

    return run.logged(command, lambda: list(chain(*run.each_list(read, then))))


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
