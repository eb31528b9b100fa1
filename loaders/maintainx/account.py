"""The account: its organizations, pages of lists, records by id."""

import logging
import random
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self, TypeVar

from loaders.errors import (
    ApiError,
    BadAnswerError,
    BadRequestError,
    EndlessListingError,
    ForbiddenError,
    NotFoundError,
    SettingsError,
    StoppedError,
    UnauthorizedError,
)
from loaders.maintainx.catalogue import CATALOGUE, NO_PARAMETERS, Detail, Resource
from loaders.maintainx.client import Client, Query
from loaders.maintainx.paging import Leg, Walk
from loaders.maintainx.records import (
    LARGEST_ID,
    Page,
    Record,
    Reject,
    Times,
    read_page,
    read_record,
)

log = logging.getLogger(__name__)

T = TypeVar("T")

# After this many failed requests for single records, and none that succeeded, no more are sent.
ENOUGH_UNTOLD = 10
# After this many 403 for addresses of one kind, and none that answered, no more are sent.
ENOUGH_REFUSED = 3


@dataclass
class Counter:
    """Counts requests from several threads."""

    value: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def up(self) -> None:
        with self._lock:
            self.value += 1


def organizations(
    client: Client, wanted: tuple[int, ...] | None
) -> tuple[dict[int, Page], ForbiddenError | None]:
    """The organizations to read, each with its record as a page.

    If the key cannot list organizations: those of MAINTAINX_ORGANIZATION_IDS, else the one that a
    record names, without their records and with the refusal. Raises SettingsError if the key does
    not see a wanted organization, ApiError if nothing can be read.
    """
    pages: dict[int, Page] = {}
    rejects: list[Reject] = []
    resource = CATALOGUE["organizations"]
    walk = Walk.start((Leg(()),))
    try:
        while walk.position is not None:
            page = client.get(
                resource.path,
                walk.query(),
                None,
                lambda content: read_page(content, resource.collection),
            )
            walk.advance(page)
            rejects += page.rejects
            pages |= {record.id: Page([record], [], None) for record in page.records}
    except EndlessListingError as error:
        raise ApiError(f"{resource.path}: {error}") from None
    except NotFoundError as error:
        if not wanted:
            raise
        refusal = ForbiddenError(str(error), error.status)
        return {number: Page([], [], None) for number in wanted}, refusal
    except ForbiddenError as refusal:
        ids = wanted or (_organization_of_a_record(client, refusal),)
        return {number: Page([], [], None) for number in ids}, refusal
    if not pages:
        raise SettingsError(
            "the key sees no organization: create a key as a user who belongs to one"
        )
    unseen = [number for number in wanted or () if number not in pages]
    if unseen:
        raise SettingsError(
            f"the key does not see organization {', '.join(map(str, unseen))};"
            f" it sees {', '.join(map(str, pages))}: correct MAINTAINX_ORGANIZATION_IDS"
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
                lambda content, key=resource.collection: read_page(content, key),  # type: ignore[misc]
            )
        except (ForbiddenError, BadRequestError):
            continue
        for record in page.records:
            number = record.data.get("organizationId")
            if isinstance(number, int) and abs(number) <= LARGEST_ID:
                return number
    raise SettingsError(
        f"the organizations to read are unknown ({refusal}): set MAINTAINX_ORGANIZATION_IDS"
    )


@dataclass
class Source:
    """MaintainX as one run reads it, from several threads. Use it in a `with`.

    workers: parallel reads of records by id. organizations, refusal: as `organizations` gives them.
    """

    client: Client
    workers: int
    organizations: dict[int, Page]
    refusal: ForbiddenError | None
    _expand_lock: threading.Lock = field(default_factory=threading.Lock)
    _refused_expands: dict[str, frozenset[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._details = ThreadPoolExecutor(self.workers)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._details.shutdown(cancel_futures=True)

    def page(
        self,
        organization: int,
        resource: Resource,
        query: Query,
        count: Counter,
        expected: str | None = None,
    ) -> Page:
        """One page of a list, with the expands that this account supports.

        expected: as `read_page` takes it.
        """
        if resource.name == "organizations":
            if self.refusal is not None:
                raise self.refusal
            return self.organizations[organization]
        wanted = query.get("expand", ())
        known = dict(query)
        if resource.collection is None:
            del known["limit"]
        with self._expand_lock:
            refused = self._refused_expands.get(resource.name, frozenset())
        known["expand"] = tuple(value for value in wanted if value not in refused)
        try:
            return self._read(organization, resource, known, count, expected)
        except BadRequestError:
            if not known["expand"] or "cursor" in query:
                raise
            self._probe_expands(organization, resource, count)
            known["expand"] = tuple(
                value for value in wanted if value not in self._refused_expands[resource.name]
            )
            return self._read(organization, resource, known, count, expected)

    def _read(
        self,
        organization: int,
        resource: Resource,
        query: Query,
        count: Counter,
        expected: str | None = None,
    ) -> Page:
        return self.client.get(
            resource.path,
            query,
            organization,
            lambda content: read_page(content, resource.collection, expected),
            count.up,
        )

    def _probe_expands(self, organization: int, resource: Resource, count: Counter) -> None:
        """Find refused expands, because MaintainX has changed the supported set before."""
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
        self, organization: int, resource: Resource, numbers: list[int], count: Counter
    ) -> tuple[list[Record], dict[int, str]]:
        """Records as `path/{id}` returns them, without those that answer 404, and the errors of
        those that could not be read."""
        found, untold = self._records(organization, resource, numbers, count)
        return [record for record in found.values() if record is not None], untold

    def gone(
        self, organization: int, resource: Resource, numbers: list[int], count: Counter
    ) -> tuple[list[int], dict[int, str]]:
        """Those of `numbers` that `path/{id}` answers with 404, as deleted, or as no longer part of
        the list, and the errors of those that could not be read."""
        found, untold = self._records(organization, resource, numbers, count)
        gone = [
            number
            for number, record in found.items()
            if record is None or _says_it_is_gone(record, resource)
        ]
        return gone, untold

    def below(
        self,
        organization: int,
        detail: Detail,
        numbers: list[int],
        count: Counter,
        *,
        is_new: bool,
    ) -> "Answers":
        """The whole answers of the addresses below `numbers`.

        is_new: no detail of this kind was ever read. Raises ForbiddenError where nothing is
        answered but 403, ENOUGH_REFUSED times or, if `is_new`, for each of fewer records: then it
        is the feature that is refused.
        """
        enough = min(ENOUGH_REFUSED, len(numbers)) if is_new else ENOUGH_REFUSED
        found, untold = self._ask(
            detail.name,
            numbers,
            lambda number: self._answer(organization, detail, number, count),
            enough_refused=enough,
        )
        told = {number: answer for number, answer in found.items() if answer is not None}
        return Answers(
            [_whole_answer(detail, number, answer) for number, answer in told.items()],
            [reject for answer in told.values() for reject in answer.rejects],
            [number for number in found if number not in told],
            untold,
        )

    def _answer(
        self, organization: int, detail: Detail, number: int, count: Counter
    ) -> Page | None:
        """All pages of one address as one, or its record alone; None for 404."""
        whole = Page([], [], None)
        path = detail.path.format(id=number)
        if detail.collection is None:
            record = self._record(
                organization,
                path,
                detail.record,
                number=number,
                count=count,
            )
            return None if record is None else Page([record], [], None)
        walk = Walk.start((Leg(()),))
        while walk.position is not None:
            self._go_on()
            try:
                page = self.client.get(
                    path,
                    walk.query(),
                    organization,
                    lambda content: read_page(content, detail.collection),
                    count.up,
                )
                walk.advance(page)
            except NotFoundError:
                return None
            except EndlessListingError as error:
                raise ApiError(f"{path}: {error}") from None
            seen = {record.id for record in whole.records}
            whole.records.extend(record for record in page.records if record.id not in seen)
            whole.rejects.extend(page.rejects)
        return whole

    def _records(
        self, organization: int, resource: Resource, numbers: list[int], count: Counter
    ) -> tuple[dict[int, Record | None], dict[int, str]]:
        """What `path/{id}` answers, and the errors, as `_ask` gives them."""
        return self._ask(
            resource.name,
            numbers,
            lambda number: self._detail(organization, resource, number, count),
        )

    def _ask(
        self,
        name: str,
        numbers: list[int],
        read: Callable[[int], T | None],
        *,
        enough_refused: int | None = None,
    ) -> tuple[dict[int, T | None], dict[int, str]]:
        """What `read` gives for each id, None for 404, and the errors of those that could not be
        read.

        The order is random, so that a few that always fail do not keep the others from being read.
        enough_refused: raise ForbiddenError after so many of them, if nothing was read.
        """
        found: dict[int, T | None] = {}
        untold: dict[int, str] = {}
        refusals: list[ForbiddenError] = []

        def ask(number: int) -> None:
            try:
                if enough_refused and len(refusals) >= enough_refused and not found:
                    return
                if len(untold) >= ENOUGH_UNTOLD and not found:
                    raise ApiError("not requested, because no other record could be read")
                found[number] = read(number)
            except UnauthorizedError:
                raise
            except ApiError as error:
                if isinstance(error, ForbiddenError):
                    refusals.append(error)
                log.info("%s %d: %s", name, number, error)
                untold[number] = str(error)

        list(self._details.map(ask, random.sample(numbers, len(numbers))))
        if enough_refused and len(refusals) >= enough_refused and not found:
            raise refusals[0]
        return found, untold

    def _go_on(self) -> None:
        if self.client.stop.is_set():
            raise StoppedError("stopped between two records; run the command again to resume")

    def _detail(
        self, organization: int, resource: Resource, number: int, count: Counter
    ) -> Record | None:
        path = f"{resource.path}/{number}"
        return self._record(organization, path, resource.record, number=number, count=count)

    def _record(
        self,
        organization: int,
        path: str,
        key: str | None,
        *,
        number: int,
        count: Counter,
    ) -> Record | None:
        """The record at `path`, None for 404. Raises BadAnswerError if it is another one."""
        self._go_on()
        try:
            record = self.client.get(
                path,
                NO_PARAMETERS,
                organization,
                lambda content: read_record(content, key or ""),
                count.up,
            )
        except NotFoundError:
            return None
        if record.id != number:
            raise BadAnswerError(f"{path} answered record {record.id}", 200)
        return record


@dataclass(frozen=True)
class Answers:
    """What addresses below records answered.

    records: one per parent, with its id and the whole answer. missing: parents that answer 404.
    untold: the errors of parents that could not be read.
    """

    records: list[Record]
    rejects: list[Reject]
    missing: list[int]
    untold: dict[int, str]


def _whole_answer(detail: Detail, number: int, answer: Page) -> Record:
    """An answer as one record of its parent: all elements, each unchanged, or the record."""
    if detail.collection is None:
        return answer.records[0]
    elements = b",".join(record.raw for record in answer.records)
    raw = b'{"%b":[%b]}' % (detail.collection.encode(), elements)
    return Record(number, raw, Times(), any(record.odd for record in answer.records))


def _says_it_is_gone(record: Record, resource: Resource) -> bool:
    """Whether a record is marked as deleted, as a user who left, or lacks the flag of its list."""
    return bool(
        record.data.get("deletedAt")
        or record.data.get("removedFromOrganization")
        or (resource.flag and not record.data.get(resource.flag))
    )
