"""A run of the loaders: every list that is due, of every organization, several at a time."""

import logging
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import chain
from typing import TypeVar

from loaders.errors import ForbiddenError, LoaderError, StoppedError
from loaders.extract.list_walk import ListWalk
from loaders.extract.options import Options, Progress
from loaders.maintainx.account import Source
from loaders.maintainx.catalogue import Resource, Strategy
from loaders.maintainx.client import Client
from loaders.settings import Settings
from loaders.warehouse import run_log
from loaders.warehouse.file import RawFile, now
from loaders.warehouse.run_log import Known, Outcome

log = logging.getLogger(__name__)

T = TypeVar("T")


@dataclass
class Summary:
    """What a run did: its outcomes in catalogue order, and the totals."""

    run_id: str
    state: str
    outcomes: list[Outcome]
    requests: int
    seconds: float

    @property
    def exit_code(self) -> int:
        return 0 if self.state == "done" else 1


@dataclass
class Extraction:
    """One run of the loaders over `options.resources` of every organization.

    The client's `stop` ends it after the pages in flight; the next run goes on from there.
    """

    settings: Settings
    client: Client
    raw: RawFile
    options: Options
    progress: Progress = field(default_factory=Progress)
    run_id: str = field(default_factory=lambda: f"{now():%Y%m%dT%H%M%S}-{uuid.uuid4()}")
    _read_before: frozenset[tuple[str, int]] = frozenset()

    def run(self, command: str) -> Summary:
        """Read and land everything that is asked for and due.

        A list that fails leaves the others alone; its outcome says why. Raises LoaderError where
        nothing can be read at all: a refused key, no network, an organization that is not there.
        """
        return self.logged(command, lambda: list(chain(*self.each_list(self._due_walks))))

    def logged(self, command: str, read: Callable[[], list[Outcome]]) -> Summary:
        """What `read` does, as a run in the run log. Raises what it raises."""
        started = now()
        run_log.prepare(self.raw)
        run_log.begin_run(self.raw, self.run_id, command)
        state = "failed"
        error: str | None = "the loaders themselves failed; their log says how"
        try:
            outcomes = read()
            state, error = _state(outcomes), _errors(outcomes)
        except LoaderError as failure:
            error = str(failure)
            raise
        finally:
            run_log.end_run(self.raw, self.run_id, state, self.client.requests, error)
        seconds = (now() - started).total_seconds()
        return Summary(self.run_id, state, outcomes, self.client.requests, seconds)

    def each_list(self, do: Callable[[Source, int, Resource, Known], T]) -> list[T]:
        """`do` for each organization and list, several at a time; in catalogue order."""
        known = run_log.known(self.raw)
        self._read_before = frozenset(known)
        with (
            Source(self.client, self.options.workers) as source,
            ThreadPoolExecutor(self.options.workers) as lists,
        ):
            organizations = source.open(self.settings.organization_ids)
            tasks = [
                (organization, resource, known.get((resource.name, organization), Known()))
                for resource in self.options.resources
                for organization in organizations
            ]
            self.progress.begin(len(tasks))
            return list(lists.map(lambda task: do(source, *task), tasks))

    def _due_walks(
        self, source: Source, organization: int, resource: Resource, known: Known
    ) -> list[Outcome]:
        outcomes: list[Outcome] = []
        for walk in _due(resource, known, self.options):
            outcome = self.outcome(organization, resource, walk, known.watermark)
            outcomes.append(outcome)
            list_walk = self.list_walk(source, resource, outcome)
            if not self.guarded(outcome, list_walk.go):
                break
        self.progress.end(outcomes)
        return outcomes

    def outcome(
        self, organization: int, resource: Resource, walk: str, watermark: datetime | None
    ) -> Outcome:
        """An outcome of this run that begins now."""
        return Outcome(
            self.run_id,
            organization,
            resource.name,
            walk,
            now(),
            watermark_from=watermark,
        )

    def list_walk(self, source: Source, resource: Resource, outcome: Outcome) -> ListWalk:
        """A walk of this run."""
        return ListWalk(source, self.raw, self.options, self.progress, resource, outcome)

    def guarded(
        self,
        outcome: Outcome,
        go: Callable[[], None],
        log_failure: Callable[[RawFile, Outcome], None] = run_log.log_failure,
    ) -> bool:
        """Do a walk; False where it could not be done, which its outcome and the log then say.

        log_failure: writes the failure down.
        """
        try:
            if self.client.stop.is_set():
                raise StoppedError("stopped before it began")
            go()
        except (LoaderError, OSError) as error:
            self._failed(outcome, error, log_failure)
            return False
        if outcome.error:
            log.warning("%s: %s", outcome.resource, outcome.error)
        return True

    def _failed(
        self,
        outcome: Outcome,
        error: LoaderError | OSError,
        log_failure: Callable[[RawFile, Outcome], None],
    ) -> None:
        place = (outcome.resource, outcome.organization_id)
        match error:
            case ForbiddenError() if place not in self._read_before:
                outcome.state = "forbidden"
            case StoppedError():
                outcome.state = "stopped"
            case _:
                outcome.state = "failed"
        outcome.error = str(error)
        if isinstance(error, ForbiddenError) and outcome.state == "failed":
            outcome.error = f"could be read before: {error}"
        if isinstance(error, OSError):
            outcome.error = f"{error}; free disk space or mend its rights, then run again"
        level = logging.ERROR if outcome.state == "failed" else logging.INFO
        log.log(level, "%s: %s", outcome.resource, outcome.error)
        try:
            log_failure(self.raw, outcome)
        except LoaderError as second:
            log.error("the run log could not be written: %s", second)


def _due(resource: Resource, known: Known, options: Options) -> list[str]:
    """The walks that a run owes a list, in order."""

    def rested(beat: timedelta, *walks: str) -> bool:
        ends = [known.ended[walk] for walk in walks if walk in known.ended]
        return not ends or now() - max(ends) >= beat

    if resource.strategy is Strategy.WHOLE_LIST:
        beat = options.beats.get(resource.name, resource.beat)
        return ["whole"] if not options.due or rested(beat, "whole") else []
    sweep = options.sweep or (
        options.since is None and rested(options.sweep_beat, "whole", "sweep")
    )
    if options.full or (known.watermark is None and options.since is None):
        # A purchase order may have no updatedAt, by which a whole reading runs.
        return ["whole", "sweep"] if resource.detail_is_payload else ["whole"]
    later = resource.strategy.later_walk
    if resource.strategy is Strategy.NEWEST_FIRST:
        return ["whole" if sweep else later]
    labour = resource.labour and rested(options.labour_beat, "whole", "labour")
    return [later, *(["labour"] if labour else []), *(["sweep"] if sweep else [])]


def _state(outcomes: list[Outcome]) -> str:
    states = {"partial" if one.is_partial else one.state for one in outcomes}
    if "stopped" in states:
        return "stopped"
    if states <= {"done", "forbidden"}:
        return "done"
    return "partial" if states & {"done", "partial"} else "failed"


def _errors(outcomes: list[Outcome]) -> str | None:
    failed = [one for one in outcomes if one.is_partial or one.state in ("failed", "refused")]
    return "; ".join(f"{one.resource}: {one.error}" for one in failed) or None
