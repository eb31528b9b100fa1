"""One read of one list of one organization: its pages, its deletions, its load."""

import logging
import math
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Self

from loaders.errors import (
    ApiError,
    BadRequestError,
    EndlessListingError,
    LoaderError,
    StoppedError,
)
from loaders.extract.options import Options, Progress
from loaders.extract.run import Extraction
from loaders.maintainx.account import Counter, Source
from loaders.maintainx.catalogue import DETAILS, PAGE_SIZE, Resource, Strategy
from loaders.maintainx.paging import Leg, SourcePage, Walk
from loaders.maintainx.records import Record
from loaders.warehouse import landing, pages, spool
from loaders.warehouse.file import RawFile
from loaders.warehouse.landing import Comparison
from loaders.warehouse.outcome import Outcome
from loaders.warehouse.spool import Asked, Spool

log = logging.getLogger(__name__)

OPEN_STATUSES = ("OPEN", "IN_PROGRESS", "ON_HOLD")
CEILING = timedelta(days=1)
# More than the twelve months that marts of costs look back.
OLD_LABOUR = timedelta(days=400)

Parameters = tuple[tuple[str, tuple[str, ...]], ...]


@dataclass
class ListWalk:
    """One read of one list of one organization, from the first page to the load."""

    source: Source
    raw: RawFile
    options: Options
    progress: Progress
    resource: Resource
    outcome: Outcome
    count: Counter = field(default_factory=Counter)
    _untold: dict[int, str] = field(default_factory=dict)

    @classmethod
    def of(cls, run: Extraction, source: Source, resource: Resource, outcome: Outcome) -> Self:
        """A read that belongs to `run`."""
        return cls(source, run.raw, run.options, run.progress, resource, outcome)

    def go(self) -> None:
        """Read and load; fills the outcome. Raises LoaderError or OSError; a later run resumes."""
        if self.outcome.walk == "sweep":
            self._sweep()
        elif self._walk_and_land():
            # Only what changed since the end of that read.
            self.outcome.watermark_from = self.outcome.watermark_to or self.outcome.watermark_from
            if self.outcome.walk == "whole":
                self.outcome.walk = self.resource.strategy.later_walk
            self._walk_and_land()

    def _walk_and_land(self) -> bool:
        """True if a killed run had read everything, so newer changes are still to be read."""
        options = self.options
        asked: Asked = {"since": str(options.since), "full": str(options.full)}
        walked = self._walk(self.outcome.walk, asked, self._legs())
        requests = self.count.value
        if not self._land(walked, None if self.outcome.walk == "whole" else []):
            self._land(walked, self._gone(walked, self._compare(walked)))
        return walked.resumed and requests == 0

    def _sweep(self) -> None:
        """Compare ids and times without expands with the warehouse; read again what differs."""
        listing = self.lean_listing("sweep", {})
        comparison = self._compare(listing)
        gone = self._gone(listing, comparison)
        asked: Asked = {"listing": listing.started_at.isoformat()}
        walked = self._walk("found", asked, self._windows(comparison.stale, comparison.live))
        self._land(walked, gone)
        self.outcome.records_read += listing.read
        listing.discard()

    def lean_listing(self, name: str, asked: Asked) -> Spool:
        """The whole list now, without expands, in a spool that the caller discards."""
        if self.resource.strategy is Strategy.CHANGED_SINCE:
            settle = self.resource.offset_paging
            lean = (Leg(self._parameters(), "createdAt", settle=settle),)
        else:
            lean = (Leg(self._parameters()),)
        return self._walk(name, asked, lean, detailed=False)

    def mend(self, stale: list[datetime | None], absent: list[int], live: int) -> None:
        """Read again what differs, confirm deletions and load both.

        stale: the updatedAt of records to read again. absent: ids that MaintainX did not list.
        live: number of records of the list that are not deleted. Raises as `go` does.
        """
        legs = self._windows(stale, live)
        if stale and self.resource.strategy is not Strategy.CHANGED_SINCE:
            legs = (Leg(self._parameters(self.resource.expand)),)
        asked: Asked = {"run": self.outcome.run_id}
        walked = self._walk("mend", asked, legs)
        self._land(walked, self._confirmed(absent))

    def mark(self, changed: set[int], deleted: set[int]) -> None:
        """Read again what signals mark and the read of changes did not meet, and load it.

        changed: ids; those that raw has with an updatedAt of before that read, because labour,
        comments and more change without it. deleted: ids; those that raw has are deleted if a
        request for the id answers 404. Raises as `go` does.
        """
        times = self._source_times
        watermark = self.outcome.watermark_from
        since = watermark and _before(watermark, self.options.overlap)
        missed = set()
        if since and not self.resource.detail_is_payload:
            missed = {number for number in changed & set(times) if _is_before(times[number], since)}
        if not (asked_for := missed | (deleted & set(times))):
            return
        stale = sorted({moment for number in missed if (moment := times[number])})
        asked: Asked = {"run": self.outcome.run_id}
        walked = self._walk("marked", asked, self._windows([*stale], len(times)))
        absent = asked_for.intersection(self._compare(walked).absent)
        self._land(walked, self._confirmed(sorted(absent)))

    def _compare(self, listing: Spool) -> Comparison:
        name = self.resource.name
        marks = sorted(
            {row.mark for row in DETAILS.values() if row.parent == name and row.mark}
            - {"updatedAt"}
        )
        return landing.compare(self.raw, name, self.outcome.organization_id, listing, marks)

    def _windows(self, stale: list[datetime | None], live: int) -> tuple[Leg, ...]:
        """Legs for the stale records: one per instant, or the whole list if that is less."""
        expanded = self._parameters(self.resource.expand)
        if None in stale or len(stale) > max(2, live / PAGE_SIZE):
            return (Leg(expanded, settle=self.resource.offset_paging),)
        return tuple(
            Leg(
                (
                    *expanded,
                    ("updatedAt[gte]", (_text(moment),)),
                    ("updatedAt[lte]", (_text(moment + timedelta(milliseconds=1)),)),
                )
            )
            for moment in stale
            if moment
        )

    def _land(self, walked: Spool, gone: list[int] | None) -> bool:
        """Load what was read and drop the spool; False if it must be compared first."""
        clock = self.source.client.clock
        ceiling = datetime.fromtimestamp(clock or time.time(), UTC).replace(tzinfo=None) + CEILING
        self._note(walked)
        self.outcome.records_read = walked.read
        self.outcome.requests = self.count.value
        if not landing.land(self.raw, self.outcome, walked, gone, ceiling):
            return False
        walked.discard()
        return True

    def _note(self, walked: Spool) -> None:
        """Say what loads otherwise than MaintainX has it, and what could not be read."""
        if walked.replaced:
            log.warning(
                "%s: text of %d record(s) is not valid Unicode; it loads with U+FFFD instead",
                self.resource.name,
                walked.replaced,
            )
        count = len({number for number, _ in walked.untold} | set(self._untold))
        if count:
            first = next(iter(self._untold.values()), "an earlier run says why")
            self.outcome.note_untold(count, first)

    def _legs(self) -> tuple[Leg, ...]:
        options, watermark = self.options, self.outcome.watermark_from
        since = options.since or (watermark and _before(watermark, options.overlap))
        parameters = self._parameters(self.resource.expand)
        if self.outcome.walk == "labour":
            return self._labour_legs(timedelta(days=options.labour_days))
        if self.outcome.walk == "old_labour":
            return self._labour_legs(OLD_LABOUR)
        if self.outcome.walk == "whole":
            since = None
        start = _text(since) if since else None
        match self.resource.strategy:
            case Strategy.CHANGED_SINCE:
                return (Leg(parameters, "updatedAt", start, settle=self.resource.offset_paging),)
            case Strategy.NEWEST_FIRST:
                parameters = (*parameters, ("sort", ("-updatedAt",)))
                return (Leg(parameters, until_key="updatedAt", until=start, settle=True),)
            case Strategy.WHOLE_LIST:
                return (Leg(parameters),)

    def _labour_legs(self, age: timedelta) -> tuple[Leg, ...]:
        """Open orders, one status per query because several in one were seen to answer nothing,
        then orders completed in the last `age`, newest first."""
        expand = ("expand", self.resource.expand)
        watermark = self.outcome.watermark_from
        earliest = watermark and _before(watermark, age)
        cutoff = _text(earliest) if earliest else None
        done: Parameters = (expand, ("statuses", ("DONE",)), ("sort", ("-completedAt",)))
        if cutoff:
            done = (*done, ("updatedAt[gte]", (cutoff,)))
        return (
            *(Leg((expand, ("statuses", (status,))), "updatedAt") for status in OPEN_STATUSES),
            Leg(done, until_key="completedAt", until=cutoff),
        )

    def _parameters(self, expand: tuple[str, ...] = ()) -> Parameters:
        pairs = tuple((key, (value,)) for key, value in self.resource.parameters.items())
        return (*pairs, ("expand", expand)) if expand else pairs

    def _walk(self, walk: str, asked: Asked, legs: tuple[Leg, ...], detailed: bool = True) -> Spool:
        """Read all legs into a spool; resumes an earlier run with the same parameters."""
        place = spool.folder(self.raw.warehouse) / str(self.outcome.organization_id)
        name = f"{self.resource.name}.{walk}"
        known = self._known_pages() if walk == "whole" else None
        walked = Spool.open(place, name, asked, legs, known)
        told: dict[int, bytes] = {}
        is_resumed, began_anew = walked.resumed, False
        while (position := walked.walk.position) is not None:
            try:
                self._page(walked, told, detailed)
                is_resumed = False
            except EndlessListingError:
                walked.discard()
                raise
            except ApiError as error:
                is_refused = isinstance(error, BadRequestError)
                if is_refused and (began_anew or not position.cursor):
                    walked.discard()
                    raise
                if not position.cursor or not (is_refused or is_resumed) or not self._begins(legs):
                    walked.close()
                    raise
                log.info("%s: the cursor was refused (%s); starting again", name, error)
                is_resumed, began_anew = False, True
                walked.discard()
                walked = Spool.open(place, name, asked, legs, known)
                told = {}
            except (LoaderError, OSError):
                walked.close()
                raise
        walked.close()
        return walked

    def _known_pages(self) -> tuple[SourcePage, ...] | None:
        """The pages of the last read of the whole list; None where pages are not compared: a page
        of a short list takes no time, one of stubs does not hold the records, and a list that is
        read until no id is new needs the ids of every page."""
        resource = self.resource
        is_settled = resource.strategy is not Strategy.CHANGED_SINCE or resource.offset_paging
        if is_settled or resource.detail_is_payload:
            return None
        if self.outcome.watermark_from is None:
            return ()
        return pages.known_pages(self.raw, resource.name, self.outcome.organization_id)

    def _begins(self, legs: tuple[Leg, ...]) -> bool:
        """Whether the first page answers, so that a later one's refusal is about its cursor."""
        try:
            query = Walk.start(legs).query()
            self.source.page(self.outcome.organization_id, self.resource, query, self.count)
        except ApiError:
            return False
        return True

    def _page(self, walked: Spool, told: dict[int, bytes], detailed: bool) -> None:
        if self.source.client.stop.is_set():
            raise StoppedError("stopped between two pages; run the command again to resume")
        expected = walked.expected
        page = self.source.page(
            self.outcome.organization_id, self.resource, walked.walk.query(), self.count, expected
        )
        if page.digest is not None and page.digest == expected:
            walked.repeat()
            self.progress.page(self.outcome, walked.read)
            return
        records: list[Record] = page.records
        untold: list[Record] = []
        if detailed and self.resource.detail_is_payload:
            records, untold = self._detailed(records, told)
        walked.add(page, records, untold)
        self.progress.page(self.outcome, walked.read)

    def _detailed(
        self, stubs: list[Record], told: dict[int, bytes]
    ) -> tuple[list[Record], list[Record]]:
        """The records of stubs, and the stubs that could not be read; unless the list is read in
        full, only those that differ.

        told: the stubs of the page before, of which a page repeats the last; becomes those of this
        page.
        """
        if self.outcome.walk != "whole":
            stubs = [stub for stub in stubs if self._is_changed(stub)]
        by_id = {stub.id: stub for stub in stubs if told.get(stub.id) != stub.raw}
        found, untold = self.source.details(
            self.outcome.organization_id, self.resource, list(by_id), self.count
        )
        self._untold |= untold
        told.clear()
        told.update((stub.id, stub.raw) for stub in stubs if stub.id not in untold)
        return found, [by_id[number] for number in untold]

    @cached_property
    def _source_times(self) -> dict[int, datetime | None]:
        return landing.source_times(self.raw, self.resource.name, self.outcome.organization_id)

    def _is_changed(self, stub: Record) -> bool:
        moment = stub.time("updatedAt")
        return moment is None or self._source_times.get(stub.id) != moment.replace(tzinfo=None)

    def _gone(self, listing: Spool, comparison: Comparison) -> list[int]:
        """Ids that are missing in a complete list and confirmed deleted."""
        absent = comparison.absent
        if not absent:
            return []
        if listing.walk.moved:
            log.info(
                "%s changed while it was read: deletions are checked in a later run",
                self.resource.name,
            )
            return []
        allowed = self.options.max_deletions and max(
            1, self.options.max_deletions * comparison.live
        )
        if len(absent) > allowed:
            share = len(absent) / comparison.live
            self.outcome.state = "refused"
            self.outcome.note(
                f"{len(absent)} of {comparison.live} records are missing in MaintainX, more than"
                f" --max-deletions allows; nothing was deleted. If they are gone, run"
                f" `extract {self.resource.name} --sweep --max-deletions {math.ceil(share * 100)}`"
            )
            return []
        return self._confirmed(absent)

    def _confirmed(self, absent: list[int]) -> list[int]:
        """Ids confirmed deleted by a request per id, or by a second read if ids have no path."""
        if not absent or self.resource.record:
            gone, untold = self.source.gone(
                self.outcome.organization_id, self.resource, absent, self.count
            )
            self._untold |= untold
            return gone
        again = self.lean_listing("again", {"run": self.outcome.run_id})
        gone = self._compare(again).absent
        again.discard()
        return [] if again.walk.moved else sorted(set(gone) & set(absent))


def _before(moment: datetime, span: timedelta) -> datetime | None:
    """None where no calendar goes back that far."""
    try:
        return moment - span
    except OverflowError:
        return None


def _is_before(moment: datetime | None, other: datetime) -> bool:
    return moment is not None and moment < other


def _text(moment: datetime) -> str:
    """The UTC text that the API expects."""
    return moment.isoformat(timespec="milliseconds") + "Z"
