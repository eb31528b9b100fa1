"""Walks the lists through the API into the warehouse, resumably, a list of an organization each."""

import logging
import math
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property

from loaders import landing, spool
from loaders.api import Client, Query
from loaders.errors import (
    BadRequestError,
    ForbiddenError,
    LoaderError,
    NotFoundError,
    SettingsError,
    StoppedError,
)
from loaders.landing import Comparison, Known, Outcome, Warehouse
from loaders.records import Page, Record, Reject, read_page, read_record
from loaders.resources import CATALOGUE, NO_PARAMETERS, PAGE_SIZE, Resource, Strategy
from loaders.settings import Settings
from loaders.spool import Asked, Spool
from loaders.walks import Leg

log = logging.getLogger(__name__)

OPEN_STATUSES = ("OPEN", "IN_PROGRESS", "ON_HOLD")
CEILING = timedelta(days=1)

Parameters = tuple[tuple[str, tuple[str, ...]], ...]


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
    beats: dict[str, timedelta] = field(default_factory=dict)
    overlap: timedelta = timedelta(hours=2)
    labour_days: int = 14
    labour_beat: timedelta = timedelta(hours=6)
    sweep_beat: timedelta = timedelta(hours=24)
    max_deletions: float = 0.1
    workers: int = 4


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


def organizations(
    client: Client, wanted: tuple[int, ...] | None
) -> tuple[dict[int, Page], ForbiddenError | None]:
    """The organizations to read, each with its own record as a page.

    Where the key may not list organizations, those of MAINTAINX_ORGANIZATION_IDS, else the one
    that a record names, without their records and with the refusal. Raises SettingsError where the
    key does not see an organization that is wanted, ApiError where nothing can be read.
    """
    pages: dict[int, Page] = {}
    rejects: list[Reject] = []
    query: dict[str, str | tuple[str, ...]] = {"limit": str(PAGE_SIZE)}
    resource = CATALOGUE["organizations"]
    try:
        while True:
            page = client.get(
                resource.path, query, None, lambda text: read_page(text, resource.collection)
            )
            rejects += page.rejects
            pages |= {record.id: Page([record], [], None) for record in page.records}
            if page.next_cursor is None or page.next_cursor == query.get("cursor"):
                break
            query["cursor"] = page.next_cursor
    except ForbiddenError as refusal:
        ids = wanted or (_organization_of_a_record(client, refusal),)
        return {number: Page([], [], None) for number in ids}, refusal
    if not pages:
        raise SettingsError("the key sees no organization: make a key of a user who belongs to one")
    unseen = [number for number in wanted or () if number not in pages]
    if unseen:
        raise SettingsError(
            f"the key does not see organization {', '.join(map(str, unseen))};"
            f" it sees {', '.join(map(str, pages))}: mend MAINTAINX_ORGANIZATION_IDS"
        )
    chosen = {number: pages[number] for number in wanted or pages}
    next(iter(chosen.values())).rejects.extend(rejects)
    return chosen, None


def _organization_of_a_record(client: Client, refusal: ForbiddenError) -> int:
    for name in ("work_orders", "assets", "locations"):
        resource = CATALOGUE[name]
        try:
            page = client.get(
                resource.path,
                {"limit": "1"},
                None,
                lambda text, key=resource.collection: read_page(text, key),  # type: ignore[misc]
            )
        except (ForbiddenError, BadRequestError):
            continue
        for record in page.records:
            number = record.data.get("organizationId")
            if isinstance(number, int):
                return number
    raise SettingsError(
        f"which organizations to read cannot be told ({refusal}): set MAINTAINX_ORGANIZATION_IDS"
    )


@dataclass
class Extraction:
    """One run of the loaders over `options.resources` of every organization.

    stop: set it and the run ends after the pages in flight; the next run goes on from there.
    """

    settings: Settings
    client: Client
    warehouse: Warehouse
    options: Options
    stop: threading.Event
    progress: Progress = field(default_factory=Progress)
    run_id: str = field(default_factory=lambda: f"{landing.now():%Y%m%dT%H%M%S}-{uuid.uuid4()}")

    def __post_init__(self) -> None:
        self._details = ThreadPoolExecutor(self.options.workers)
        self._expand_lock = threading.Lock()
        self._refused_expands: dict[str, frozenset[str]] = {}
        self._organizations: dict[int, Page] = {}
        self._organizations_refusal: ForbiddenError | None = None

    def run(self, command: str) -> Summary:
        """Read and land everything that is asked for and due.

        A list that fails leaves the others alone; its outcome says why. Raises LoaderError where
        nothing can be read at all: a refused key, no network, an organization that is not there.
        """
        started = landing.now()
        self.warehouse.prepare()
        self.warehouse.begin_run(self.run_id, command)
        outcomes: list[Outcome] = []
        state = "failed"
        error: str | None = "the loaders themselves failed; their log says how"
        try:
            self._organizations, self._organizations_refusal = organizations(
                self.client, self.settings.organization_ids
            )
            tasks = [
                (organization, resource)
                for resource in self.options.resources
                for organization in self._organizations
            ]
            self.progress.begin(len(tasks))
            with ThreadPoolExecutor(self.options.workers) as lists:
                for done in lists.map(lambda task: self._list(*task), tasks):
                    outcomes += done
            state, error = _state(outcomes), _errors(outcomes)
        except LoaderError as failure:
            error = str(failure)
            raise
        finally:
            self._details.shutdown(cancel_futures=True)
            self.warehouse.end_run(self.run_id, state, self.client.requests, error)
        seconds = (landing.now() - started).total_seconds()
        return Summary(self.run_id, state, outcomes, self.client.requests, seconds)

    def _list(self, organization: int, resource: Resource) -> list[Outcome]:
        """Every walk that is due for one list of one organization."""
        outcomes: list[Outcome] = []
        known = self.warehouse.known(resource.name, organization)
        for walk in _due(resource, known, self.options):
            outcome = Outcome(
                self.run_id,
                organization,
                resource.name,
                walk,
                landing.now(),
                watermark_from=known.watermark,
            )
            outcomes.append(outcome)
            try:
                if self.stop.is_set():
                    raise StoppedError("stopped before it began")
                _ListWalk(self, resource, outcome).go()
                if outcome.error:
                    log.warning("%s: %s", resource.name, outcome.error)
            except (LoaderError, OSError) as error:
                self._failed(outcome, error)
                break
        self.progress.end(outcomes)
        return outcomes

    def _failed(self, outcome: Outcome, error: LoaderError | OSError) -> None:
        match error:
            case ForbiddenError():
                outcome.state = "forbidden"
            case StoppedError():
                outcome.state = "stopped"
            case _:
                outcome.state = "failed"
        outcome.error = str(error)
        if isinstance(error, OSError):
            outcome.error = f"{error}; free disk space or mend its rights, then run again"
        level = logging.ERROR if outcome.state == "failed" else logging.INFO
        log.log(level, "%s: %s", outcome.resource, outcome.error)
        try:
            self.warehouse.log_failure(outcome)
        except LoaderError as second:
            log.error("the run log could not be written: %s", second)

    def page(self, organization: int, resource: Resource, query: Query, count: "Counter") -> Page:
        """One page of a list, with the expands that this account's API knows."""
        if resource.name == "organizations":
            if self._organizations_refusal is not None:
                raise self._organizations_refusal
            return self._organizations[organization]
        wanted = query.get("expand", ())
        known = dict(query)
        if resource.collection is None:
            del known["limit"]
        with self._expand_lock:
            refused = self._refused_expands.get(resource.name, frozenset())
        known["expand"] = tuple(value for value in wanted if value not in refused)
        try:
            return self._read(organization, resource, known, count)
        except BadRequestError:
            if not known["expand"] or "cursor" in query:
                raise
            self._probe_expands(organization, resource, count)
            known["expand"] = tuple(
                value for value in wanted if value not in self._refused_expands[resource.name]
            )
            return self._read(organization, resource, known, count)

    def _read(self, organization: int, resource: Resource, query: Query, count: "Counter") -> Page:
        return self.client.get(
            resource.path,
            query,
            organization,
            lambda text: read_page(text, resource.collection),
            count.up,
        )

    def _probe_expands(self, organization: int, resource: Resource, count: "Counter") -> None:
        """Find the expands that are refused: the set that MaintainX knows has changed before."""
        refused = set()
        for value in resource.expand:
            try:
                self._read(organization, resource, {"limit": "1", "expand": (value,)}, count)
            except BadRequestError:
                refused.add(value)
        with self._expand_lock:
            self._refused_expands[resource.name] = frozenset(refused)
        if refused:
            log.warning(
                "%s: this account does not know expand=%s; those fields stay empty",
                resource.name,
                ", ".join(sorted(refused)),
            )

    def details(
        self, organization: int, resource: Resource, numbers: list[int], count: "Counter"
    ) -> list[Record]:
        """Records as their own addresses give them; those that are gone are left out."""
        found = self._details.map(
            lambda number: self._detail(organization, resource, number, count), numbers
        )
        return [record for record in found if record is not None]

    def gone(
        self, organization: int, resource: Resource, numbers: list[int], count: "Counter"
    ) -> list[int]:
        """Those of `numbers` that their own addresses do not know, or call deleted."""

        def is_gone(number: int) -> bool:
            try:
                record = self._detail(organization, resource, number, count)
            except (ForbiddenError, BadRequestError) as error:
                log.info("%s %d: gone or not cannot be told: %s", resource.name, number, error)
                return False
            return record is None or _says_it_is_gone(record)

        answers = self._details.map(is_gone, numbers)
        return [number for number, gone in zip(numbers, answers, strict=True) if gone]

    def _detail(
        self, organization: int, resource: Resource, number: int, count: "Counter"
    ) -> Record | None:
        if self.stop.is_set():
            raise StoppedError("stopped between two records")
        try:
            return self.client.get(
                f"{resource.path}/{number}",
                NO_PARAMETERS,
                organization,
                lambda text: read_record(text, resource.record or ""),
                count.up,
            )
        except NotFoundError:
            return None


@dataclass
class Counter:
    """Counts requests from several threads."""

    value: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def up(self) -> None:
        with self._lock:
            self.value += 1


@dataclass
class _ListWalk:
    """One walk of one list of one organization, from the first page to the landing."""

    run: Extraction
    resource: Resource
    outcome: Outcome
    count: Counter = field(default_factory=Counter)

    def go(self) -> None:
        """Walk and land; fills in the outcome. Raises LoaderError or OSError, nothing lost."""
        if self.outcome.walk == "sweep":
            self._sweep()
        elif self._walk_and_land():
            self._walk_and_land()

    def _walk_and_land(self) -> bool:
        """True where a run that died had read it all, so that what is new since is still there."""
        options = self.run.options
        asked: Asked = {"since": str(options.since), "full": str(options.full)}
        walked = self._walk(self.outcome.walk, asked, self._legs())
        requests = self.count.value
        gone: list[int] = []
        if self.outcome.walk == "whole":
            gone = self._gone(walked)
        self._land(walked, gone)
        return walked.resumed and requests == 0

    def _sweep(self) -> None:
        """Compare ids and times of a lean listing with the warehouse; read what differs again."""
        lean = (Leg(self._parameters(), "createdAt", settle=self.resource.offset_paging),)
        listing = self._walk("sweep", {}, lean, detailed=False)
        comparison = self.run.warehouse.compare(
            self.resource.name, self.outcome.organization_id, listing
        )
        gone = self._gone(listing)
        asked: Asked = {"listing": listing.started_at.isoformat()}
        walked = self._walk("found", asked, self._windows(comparison))
        self._land(walked, gone)
        self.outcome.records_read += listing.read
        listing.discard()

    def _windows(self, comparison: Comparison) -> tuple[Leg, ...]:
        """Legs that read the stale records: each an instant, or the whole list if that is less."""
        expanded = self._parameters(self.resource.expand)
        if len(comparison.stale) > max(2, comparison.live / PAGE_SIZE):
            return (Leg(expanded, "updatedAt", settle=self.resource.offset_paging),)
        return tuple(
            Leg(
                (
                    *expanded,
                    ("updatedAt[gte]", (_text(moment),)),
                    ("updatedAt[lte]", (_text(moment + timedelta(milliseconds=1)),)),
                )
            )
            for moment in comparison.stale
            if moment
        )

    def _land(self, walked: Spool, gone: list[int]) -> None:
        clock = self.run.client.clock
        ceiling = (
            datetime.fromtimestamp(clock, UTC).replace(tzinfo=None) + CEILING if clock else None
        )
        self.outcome.records_read = walked.read
        self.outcome.requests = self.count.value
        self.run.warehouse.land(self.outcome, walked, gone, ceiling)
        walked.discard()

    def _legs(self) -> tuple[Leg, ...]:
        options, watermark = self.run.options, self.outcome.watermark_from
        since = options.since or (watermark and watermark - options.overlap)
        parameters = self._parameters(self.resource.expand)
        if self.outcome.walk == "labour":
            return self._labour_legs()
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

    def _labour_legs(self) -> tuple[Leg, ...]:
        """Open orders, a status at a time as several at once have been seen to answer nothing,
        then those done lately, newest first."""
        expand = ("expand", self.resource.expand)
        watermark = self.outcome.watermark_from
        days = timedelta(days=self.run.options.labour_days)
        cutoff = _text(watermark - days) if watermark else None
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

    def _walk(self, name: str, asked: Asked, legs: tuple[Leg, ...], detailed: bool = True) -> Spool:
        """Read all legs into a spool, going on where an earlier run of the same stopped."""
        place = spool.folder(self.run.warehouse.path) / str(self.outcome.organization_id)
        name = f"{self.resource.name}.{name}"
        walked = Spool.open(place, name, asked, legs)
        began_anew = False
        while (position := walked.walk.position) is not None:
            try:
                self._page(walked, detailed)
            except BadRequestError as error:
                if began_anew or not position.cursor:
                    walked.discard()
                    raise
                log.info("%s: the cursor was refused (%s); reading anew", name, error)
                began_anew = True
                walked.discard()
                walked = Spool.open(place, name, asked, legs)
            except (LoaderError, OSError):
                walked.close()
                raise
        return walked

    def _page(self, walked: Spool, detailed: bool) -> None:
        if self.run.stop.is_set():
            raise StoppedError("stopped between two pages; the next run goes on from here")
        page = self.run.page(
            self.outcome.organization_id, self.resource, walked.walk.query(), self.count
        )
        records = page.records
        if detailed and self.resource.detail_is_payload:
            records = self._detailed(records)
        walked.add(page, records)
        self.run.progress.page(self.outcome, walked.read)

    def _detailed(self, stubs: list[Record]) -> list[Record]:
        """The records behind stubs; of a walk for changes, only those whose stub has changed."""
        if self.outcome.walk == "changes":
            stubs = [stub for stub in stubs if self._is_changed(stub)]
        numbers = list(dict.fromkeys(stub.id for stub in stubs))
        return self.run.details(self.outcome.organization_id, self.resource, numbers, self.count)

    @cached_property
    def _source_times(self) -> dict[int, datetime | None]:
        return self.run.warehouse.source_times(self.resource.name, self.outcome.organization_id)

    def _is_changed(self, stub: Record) -> bool:
        moment = stub.time("updatedAt")
        return moment is None or self._source_times.get(stub.id) != moment.replace(tzinfo=None)

    def _gone(self, listing: Spool) -> list[int]:
        """Ids that a complete listing lacks and that MaintainX, asked again, does not know."""
        comparison = self.run.warehouse.compare(
            self.resource.name, self.outcome.organization_id, listing
        )
        absent = comparison.absent
        if not absent:
            return []
        if listing.walk.moved:
            log.info("%s moved while it was read: no deletions this time", self.resource.name)
            return []
        if len(absent) > max(1, self.run.options.max_deletions * comparison.live):
            share = len(absent) / comparison.live
            self.outcome.state = "refused"
            self.outcome.error = (
                f"{len(absent)} of {comparison.live} are missing in MaintainX, more than may go at"
                f" once: nothing was deleted; if it is right, run `extract {self.resource.name}"
                f" --sweep --max-deletions {math.ceil(share * 100)}`"
            )
            return []
        if self.resource.record is None:
            again = self._walk("again", {}, self._legs())
            gone = self.run.warehouse.compare(
                self.resource.name, self.outcome.organization_id, again
            ).absent
            again.discard()
            return [] if again.walk.moved else sorted(set(gone) & set(absent))
        return self.run.gone(self.outcome.organization_id, self.resource, absent, self.count)


def _says_it_is_gone(record: Record) -> bool:
    """Whether a record that still answers is marked deleted, or as a user who left."""
    return bool(record.data.get("deletedAt") or record.data.get("removedFromOrganization"))


def _due(resource: Resource, known: Known, options: Options) -> list[str]:
    """The walks that a run owes a list, in order."""

    def rested(beat: timedelta, *walks: str) -> bool:
        ends = [known.ended[walk] for walk in walks if walk in known.ended]
        return not ends or landing.now() - max(ends) >= beat

    if resource.strategy is Strategy.WHOLE_LIST:
        beat = options.beats.get(resource.name, resource.beat)
        return ["whole"] if not options.due or rested(beat, "whole") else []
    sweep = options.sweep or (
        options.since is None and rested(options.sweep_beat, "whole", "sweep")
    )
    if options.full or (known.watermark is None and options.since is None):
        return ["whole"]
    if resource.strategy is Strategy.NEWEST_FIRST:
        return ["whole" if sweep else "newest"]
    labour = resource.labour and rested(options.labour_beat, "whole", "labour")
    return ["changes", *(["labour"] if labour else []), *(["sweep"] if sweep else [])]


def _state(outcomes: list[Outcome]) -> str:
    states = {outcome.state for outcome in outcomes}
    if "stopped" in states:
        return "stopped"
    if states <= {"done", "forbidden"}:
        return "done"
    return "partial" if "done" in states else "failed"


def _errors(outcomes: list[Outcome]) -> str | None:
    failed = [one for one in outcomes if one.state in ("failed", "refused")]
    return "; ".join(f"{one.resource}: {one.error}" for one in failed) or None


def _text(moment: datetime) -> str:
    """UTC, as the API takes it."""
    return moment.isoformat(timespec="milliseconds") + "Z"
