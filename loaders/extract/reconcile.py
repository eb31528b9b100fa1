"""Compare the warehouse with the live API, and repair what differs.

Python reads the current records of MaintainX into `raw._source_manifest`, models of the quality
schema compare it with the warehouse, and `mend` reads again what differs.
"""

import logging
import threading
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from loaders.dbt import build
from loaders.errors import LoaderError, StoppedError
from loaders.extract.list_walk import ListWalk
from loaders.extract.run import Extraction, Summary
from loaders.maintainx.account import Source
from loaders.maintainx.catalogue import Resource
from loaders.warehouse import landing, run_log, upgrade
from loaders.warehouse.file import RawFile, reading
from loaders.warehouse.outcome import Known, Outcome
from loaders.warehouse.status import refuse_empty

log = logging.getLogger(__name__)

DIFFERING = """
select resource, organization_id, record_id, result, source_updated_at
from quality.rec_records
where result != 'match'
union all
select distinct 'work_orders', organization_id, work_order_id, result, source_updated_at
from quality.rec_work_orders
where result != 'match'
"""
FINDINGS = """
select resource, organization_id, state, records, matches, mismatches, missing_in_warehouse,
    missing_in_source, newer_at_source
from quality.rec_summary
order by resource, organization_id
"""


@dataclass(frozen=True)
class Finding:
    """Result of the comparison of one list of one organization; counts are records.

    state: done; failed or forbidden if MaintainX could not be read.
    """

    resource: str
    organization_id: int
    state: str
    records: int
    matches: int
    mismatches: int
    missing_in_warehouse: int
    missing_in_source: int
    newer_at_source: int

    @property
    def differs(self) -> bool:
        return self.matches != self.records or self.state == "failed"


@dataclass
class Differences:
    """What differs in one list of one organization.

    stale: the updatedAt in MaintainX of records to read again. absent: ids that
    MaintainX did not list.
    """

    stale: set[datetime | None] = field(default_factory=set)
    absent: list[int] = field(default_factory=list)


def read_source(run: Extraction) -> list[Outcome]:
    """Read every list, without expands, into `raw._source_manifest`.

    A list that cannot be read keeps its earlier manifest; its outcome holds the error. Raises
    LoaderError if nothing can be read at all, or if there is nothing to compare with.
    """
    upgrade.prepare(run.raw)
    with reading(run.raw.warehouse, "raw", stop=run.raw.stop) as connection:
        refuse_empty(connection, run.raw.warehouse)

    def read(source: Source, organization: int, resource: Resource, known: Known) -> Outcome:
        outcome = run.outcome(organization, resource.name, "reconcile", known.watermark)

        def go() -> None:
            walk = ListWalk.of(run, source, resource, outcome)
            listing = walk.lean_listing("reconcile", {"run": run.run_id})
            outcome.records_read, outcome.requests = listing.read, walk.count.value
            landing.put_manifest(run.raw, outcome, listing)
            listing.discard()

        if not run.guarded(outcome, go, run_log.log_reading):
            log.info("%s: compared with the earlier read", resource.name)
        run.progress.end([outcome])
        return outcome

    return run.each_list(read)


def compare(warehouse: Path, stop: threading.Event) -> list[Finding]:
    """Build the models that compare, and return their findings.

    Raises LoaderError if they cannot be built, StoppedError if `stop` is set.
    """
    if stop.is_set():
        raise StoppedError("stopped before the comparison; run the command again")
    built = build(warehouse, stop, "--select", "+rec_summary", command=("run",))
    if built.code:
        log.error("%s", built.text)
        raise LoaderError("the comparison could not be built: see the errors above")
    with reading(warehouse, "warehouse", stop=stop) as connection:
        return [Finding(*row) for row in connection.execute(FINDINGS).fetchall()]


def mend(run: Extraction) -> Summary:
    """Read again and load what differs; records that answer 404 are deleted.

    Lists that match need no request. Raises LoaderError as a run does.
    """
    differences = _differences(run.raw)

    def read(source: Source, organization: int, resource: Resource, known: Known) -> Outcome | None:
        found = differences.get((resource.name, organization))
        if found is None:
            return None
        outcome = run.outcome(organization, resource.name, "mend", known.watermark)
        live = len(landing.source_times(run.raw, resource.name, organization))
        walk = ListWalk.of(run, source, resource, outcome)
        stale = sorted(found.stale, key=lambda moment: (moment is None, moment))
        run.guarded(outcome, lambda: walk.mend(stale, found.absent, live))
        run.progress.end([outcome])
        return outcome

    def read_all() -> list[Outcome]:
        if not differences:
            return []
        return [outcome for outcome in run.each_list(read) if outcome is not None]

    return run.logged("reconcile --mend", read_all)


def _differences(raw: RawFile) -> dict[tuple[str, int], Differences]:
    found: dict[tuple[str, int], Differences] = defaultdict(Differences)
    with reading(raw.warehouse, "warehouse", stop=raw.stop) as connection:
        rows = connection.execute(DIFFERING).fetchall()
        for resource, organization, number, result, updated_at in rows:
            differences = found[resource, organization]
            if result == "missing_in_source":
                differences.absent.append(number)
            else:
                differences.stale.add(updated_at)
    return dict(found)
