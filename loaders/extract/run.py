"""One run over every list of every organization: threads, run log, failures."""

import logging
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

import duckdb

from loaders.errors import ForbiddenError, LoaderError, StoppedError, explained
from loaders.extract.options import Options, Progress
from loaders.maintainx.account import Source, organizations
from loaders.maintainx.catalogue import Resource
from loaders.maintainx.client import Client
from loaders.maintainx.records import Page
from loaders.settings import Settings
from loaders.warehouse import run_log, upgrade
from loaders.warehouse.file import RawFile, now
from loaders.warehouse.outcome import Known, Outcome

log = logging.getLogger(__name__)

T = TypeVar("T")

NOT_READ = ("failed", "refused", "unseen")


@dataclass(frozen=True)
class Reach:
    """How far details are read: of `read` of `total` parents of one organization."""

    resource: str
    organization_id: int
    read: int
    total: int

    def __str__(self) -> str:
        return (
            f"{self.resource}, organization {self.organization_id}: {self.read:,} of"
            f" {self.total:,} read; the next runs read the others"
        )


def new_run_id() -> str:
    """The id of a run that starts now."""
    return f"{now():%Y%m%dT%H%M%S}-{uuid.uuid4()}"


@dataclass
class Summary:
    """What a run did: its outcomes in catalogue order, and the totals. `seconds` is wall time.

    reaches: details of which parents are still to be read.
    """

    run_id: str
    state: str
    outcomes: list[Outcome]
    requests: int
    seconds: float
    reaches: tuple[Reach, ...] = ()

    @property
    def exit_code(self) -> int:
        return 0 if self.state == "done" else 1


@dataclass
class Extraction:
    """One run over `options.resources` of every organization.

    The client's `stop` ends it after the requests in progress; the next run resumes there.
    """

    settings: Settings
    client: Client
    raw: RawFile
    options: Options
    progress: Progress = field(default_factory=Progress)
    run_id: str = field(default_factory=new_run_id)
    reaches: list[Reach] = field(default_factory=list)
    _known: dict[tuple[str, int], Known] | None = None
    _read_before: frozenset[tuple[str, int]] = frozenset()
    _unseen: frozenset[int] = frozenset()
    _found: tuple[dict[int, Page], ForbiddenError | None] | None = None

    def logged(self, command: str, read: Callable[[], list[Outcome]]) -> Summary:
        """Call `read` and write its run to the run log. Raises what `read` raises."""
        started = now()
        if not self.raw.path.exists():
            # If nothing can be read, as with a refused key, no file without data is left.
            self._found = organizations(self.client, self.settings.organization_ids)
        upgrade.prepare(self.raw)
        self._known = run_log.begin_run(self.raw, self.run_id, command)
        state = "failed"
        error: str | None = "unexpected error in the loaders; see their log"
        try:
            outcomes = read()
            outcomes += [self._log_unseen(organization) for organization in sorted(self._unseen)]
            state, error = _state(outcomes), _errors(outcomes)
        except LoaderError as failure:
            state = "stopped" if isinstance(failure, StoppedError) else "failed"
            error = str(failure)
            raise
        finally:
            run_log.end_run(self.raw, self.run_id, state, self.client.requests, error)
        seconds = (now() - started).total_seconds()
        return Summary(
            self.run_id, state, outcomes, self.client.requests, seconds, tuple(self.reaches)
        )

    def each_list(
        self,
        do: Callable[[Source, int, Resource, Known], T],
        then: Callable[[Source, list[int], list[T]], list[T]] = lambda *_: [],
    ) -> list[T]:
        """Call `do` for each list and organization, in parallel; results in catalogue order.

        then: called after the last list with the organizations and the results, and adds to them.
        """
        known = run_log.known(self.raw) if self._known is None else self._known
        self._read_before = frozenset(known)
        found = self._found or organizations(self.client, self.settings.organization_ids)
        self._found = None
        seen = list(found[0])
        with (
            Source(self.client, self.options.workers, *found) as source,
            ThreadPoolExecutor(self.options.workers) as lists,
        ):
            if self.settings.organization_ids is None:
                self._unseen = frozenset(number for _, number in known).difference(seen)
            tasks = [
                (organization, resource, known.get((resource.name, organization), Known()))
                for resource in self.options.resources
                for organization in seen
            ]
            self.progress.begin(len(tasks) + len(self.options.details) * len(seen))
            results = list(lists.map(lambda task: do(source, *task), tasks))
            return results + then(source, seen, results)

    def _log_unseen(self, organization: int) -> Outcome:
        """Log and say that the key no longer sees an organization that it once saw."""
        outcome = self.outcome(organization, "organizations", "whole", None)
        outcome.state = "unseen"
        outcome.error = (
            f"the key no longer sees organization {organization}, whose records stay as they were"
            f" last read: check the user of the key, or run `python -m loaders retire"
            f" {organization}` to leave them so (with --delete: to mark them as deleted)"
        )
        log.error("%s", outcome.error)
        run_log.log_failure(self.raw, outcome)
        return outcome

    def was_read_before(self, name: str, organization: int) -> bool:
        """Whether an earlier run read this list or these details."""
        return (name, organization) in self._read_before

    def outcome(
        self, organization: int, name: str, walk: str, watermark: datetime | None
    ) -> Outcome:
        """An outcome of this run that starts now; `name`: of the list or details."""
        return Outcome(
            self.run_id,
            organization,
            name,
            walk,
            now(),
            watermark_from=watermark,
        )

    def guarded(
        self,
        outcome: Outcome,
        go: Callable[[], None],
        log_failure: Callable[[RawFile, Outcome], None] = run_log.log_failure,
    ) -> bool:
        """Call `go`; False if it failed. The outcome and the log then hold the error.

        log_failure: writes the failed outcome to the warehouse.
        """
        try:
            if self.client.stop.is_set():
                raise StoppedError("stopped before it started; run the command again to read it")
            go()
        except (LoaderError, OSError, duckdb.Error) as error:
            self._failed(outcome, explained(error) or error, log_failure)
            return False
        if outcome.error:
            log.warning("%s: %s", outcome.resource, outcome.error)
        return True

    def _failed(
        self,
        outcome: Outcome,
        error: Exception,
        log_failure: Callable[[RawFile, Outcome], None],
    ) -> None:
        match error:
            case ForbiddenError() if not self.was_read_before(
                outcome.resource, outcome.organization_id
            ):
                outcome.state = "forbidden"
            case StoppedError():
                outcome.state = "stopped"
            case _:
                outcome.state = "failed"
        outcome.error = str(error)
        if isinstance(error, ForbiddenError) and outcome.state == "failed":
            outcome.error = (
                f"could be read before: {error}; if that is right, run `python -m loaders retire"
                f" {outcome.organization_id} {outcome.resource}`"
            )
        level = logging.ERROR if outcome.state == "failed" else logging.INFO
        log.log(level, "%s: %s", outcome.resource, outcome.error)
        try:
            log_failure(self.raw, outcome)
        except LoaderError as second:
            log.error("the run log: %s", second)


def _state(outcomes: list[Outcome]) -> str:
    states = {"partial" if one.is_partial else one.state for one in outcomes}
    if "stopped" in states:
        return "stopped"
    if states <= {"done", "forbidden"}:
        return "done"
    return "partial" if states & {"done", "partial"} else "failed"


def _errors(outcomes: list[Outcome]) -> str | None:
    failed = [one for one in outcomes if one.is_partial or one.state in NOT_READ]
    return "; ".join(f"{one.resource}: {one.error}" for one in failed) or None
