"""Details of records: read what is due at the addresses below them, after all lists."""

import logging
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from loaders.errors import ApiError
from loaders.extract.run import NOT_READ, Extraction, Reach
from loaders.maintainx.account import ENOUGH_UNTOLD, Counter, Source
from loaders.maintainx.catalogue import DETAILS, Detail
from loaders.maintainx.paging import Leg
from loaders.maintainx.records import Page
from loaders.warehouse import details, landing, run_log, spool
from loaders.warehouse.details import Backlog
from loaders.warehouse.outcome import Outcome
from loaders.warehouse.spool import Spool

log = logging.getLogger(__name__)

# Parents that are loaded together: what a kill can lose.
BATCH = 50
ONE_PAGE = (Leg(()),)


def read_details(
    run: Extraction, source: Source, organizations: list[int], lists: list[Outcome], most: int
) -> list[Outcome]:
    """Read and load the details of the options, with `most` requests at most.

    A kind that fails leaves the others alone; its outcome holds the error. Where the list of the
    parents failed, its details are left for a later run.
    """
    failed = {(one.resource, one.organization_id) for one in lists if one.state in NOT_READ}
    places = [
        (detail, organization)
        for detail in run.options.details
        for organization in organizations
        if most and (detail.parent, organization) not in failed
    ]
    if not places:
        return []
    allowance = most
    outcomes: list[Outcome] = []
    idle: list[Outcome] = []
    found = details.backlogs(run.raw, places, anew=run.options.full)
    for at, ((detail, organization), backlog) in enumerate(zip(places, found, strict=True)):
        # What an organization leaves is for the next ones.
        sharing = sum(other is detail for other, _ in places[at:])
        walk = DetailWalk(run, source, detail, organization, share := -(-allowance // sharing))
        walked = walk.go(backlog)
        allowance -= share - walk.allowance
        if not walked and run.was_read_before(detail.name, organization):
            # Nothing is due, or it is not its turn: that is no failure.
            idle.append(run.outcome(organization, detail.name, "details", None))
        outcomes += walked
        run.progress.end([])
        if run.client.stop.is_set():
            break
    run_log.log_idle(run.raw, idle)
    return sorted(outcomes + idle, key=lambda one: list(DETAILS).index(one.resource))


@dataclass
class DetailWalk:
    """One read of one kind of details of one organization. allowance: the requests left for it."""

    run: Extraction
    source: Source
    detail: Detail
    organization: int
    allowance: int

    def go(self, found: Backlog) -> list[Outcome]:
        """Read parents in batches, each loaded at once; a later run goes on with the next."""
        run, detail = self.run, self.detail
        due, gone, read = found.due, found.gone, 0
        outcomes: list[Outcome] = []
        while gone or (due and self.allowance > 0):
            size = min(BATCH, max(self.allowance, 0))
            outcome = run.outcome(self.organization, detail.name, "details", None)
            outcomes.append(outcome)
            is_read = run.guarded(outcome, partial(self._batch, outcome, due[:size], gone))
            self.allowance -= outcome.requests
            if not is_read:
                break
            due, gone = due[size:], []
            read += outcome.records_read
            run.progress.page(outcome, read)
        if due:
            reach = Reach(detail.name, self.organization, found.total - len(due), found.total)
            run.reaches.append(reach)
            log.info("%s", reach)
        return outcomes

    def _batch(self, outcome: Outcome, numbers: list[int], gone: list[int]) -> None:
        """Read parents in parallel and load their answers in one transaction; fills `outcome`."""
        raw, detail, organization = self.run.raw, self.detail, self.organization
        count = Counter()
        is_new = not self.run.was_read_before(detail.name, organization)
        try:
            answers = self.source.below(organization, detail, numbers, count, is_new=is_new)
        finally:
            outcome.requests = count.value
        # A parent that is gone is deleted by its list, and its details with it. So a 404 here may
        # as well be an address that MaintainX has moved.
        # Where none was ever read, the account has no such feature.
        is_unknown = len(answers.missing) > ENOUGH_UNTOLD and not answers.records
        if is_unknown and details.has_rows(raw, detail, organization):
            raise ApiError(
                f"{detail.path}: MaintainX answers 404 for all of {len(answers.missing)} records;"
                " nothing was deleted"
            )
        place = spool.folder(raw.warehouse) / str(organization)
        walked = Spool.open(place, detail.name, {"run": self.run.run_id}, ONE_PAGE)
        walked.add(Page(answers.records, answers.rejects, None), answers.records, [])
        walked.close()
        if answers.untold:
            outcome.note_untold(len(answers.untold), next(iter(answers.untold.values())))
        outcome.records_read = walked.read
        read = set(numbers) - answers.untold.keys() - set(answers.missing)
        landing.land(
            raw,
            outcome,
            walked,
            gone,
            datetime.max,
            also=lambda connection: details.put_marks(
                connection, detail, organization, sorted(read)
            ),
        )
        walked.discard()
