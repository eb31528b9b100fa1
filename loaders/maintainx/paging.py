"""Paging: the next query, given the last page. Knows no HTTP and no table.

A walk reads one or more legs; a leg is one paged query of a list. The Position of a walk is plain
data that the journal keeps, so a killed run can resume.
"""

from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any, Self

from loaders.errors import EndlessListingError
from loaders.maintainx.catalogue import PAGE_SIZE
from loaders.maintainx.records import Page, Record, instant, plain_times

# So many pages in a row that hold nothing new, and each names a next one: the listing never ends.
IDLE_PAGES = 5


@dataclass(frozen=True)
class Leg:
    """One paged query of a list.

    parameters: the query without paging, as (key, values) pairs.
    key: for keyset paging, the ascending time field: each page starts at the last instant seen, so
      a record that moves does not shift the others.
    until: a newest-first read ends at the first record whose `until_key` is older.
    settle: repeat the read until it finds no new id, because an offset behind the cursor skips a
      record when an earlier one disappears.
    """

    parameters: tuple[tuple[str, tuple[str, ...]], ...]
    key: str | None = None
    since: str | None = None
    until_key: str | None = None
    until: str | None = None
    settle: bool = False

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        parameters = tuple((key, tuple(values)) for key, values in data["parameters"])
        return cls(**{**data, "parameters": parameters})


@dataclass(frozen=True)
class Position:
    """Progress of a walk: the parameters of the next page.

    bound: with keyset paging, the instant to start from. unsettled: this read found an id that the
    earlier reads of the same range had not. reading: its number, from 1.
    """

    leg: int = 0
    bound: str | None = None
    cursor: str | None = None
    reading: int = 1
    unsettled: bool = False

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class SourcePage:
    """A page that was read.

    query: as JSON. digest: of the answer; None where a page of the same bytes may have to be loaded
    otherwise. after: where the walk went on; None: nowhere. read: records up to its end.
    """

    query: str
    digest: str | None
    after: dict[str, Any] | None
    read: int


@dataclass
class Walk:
    """Steps through the legs. `position` is None at the end.

    moved: an id came twice, so the list changed while it was read.
    """

    legs: tuple[Leg, ...]
    position: Position | None = None
    moved: bool = False
    _seen: set[int | str] = field(default_factory=set)
    _idle: int = 0
    _again: int = 0

    @classmethod
    def start(cls, legs: tuple[Leg, ...]) -> Self:
        return cls(legs, Position(bound=legs[0].since) if legs else None)

    def query(self) -> dict[str, tuple[str, ...]]:
        """The query of the next page."""
        position = self._standing()
        leg = self.legs[position.leg]
        query = dict(leg.parameters)
        query["limit"] = (str(PAGE_SIZE),)
        if leg.key:
            query["sort"] = (leg.key,)
            if position.bound:
                query[f"{leg.key}[gte]"] = (position.bound,)
        if position.cursor:
            query["cursor"] = (position.cursor,)
        return query

    def advance(self, page: Page) -> None:
        """Move past `page`. Raises EndlessListingError if the list would never end."""
        position = self._standing()
        leg = self.legs[position.leg]
        self.position = (
            self._keyset(leg, position, page) if leg.key else self._listing(leg, position, page)
        ) or self._next_leg(position)

    def skip(self, position: Position | None) -> None:
        """Move to where an earlier walk went on after the same page."""
        self._forget()
        self.position = position

    def _standing(self) -> Position:
        if self.position is None:
            raise RuntimeError("the walk is over")
        return self.position

    def _next_leg(self, position: Position) -> Position | None:
        self._forget()
        if position.leg + 1 == len(self.legs):
            return None
        return Position(leg=position.leg + 1, bound=self.legs[position.leg + 1].since)

    def _keyset(self, leg: Leg, position: Position, page: Page) -> Position | None:
        last = _latest(page.records, leg.key or "")
        ahead = last is not None and _later(last, position.bound)
        tied = position.cursor is not None or position.reading > 1
        if tied:
            at = {record.id for record in page.records if _is_at(record, leg, position)}
            is_new = not at.isdisjoint(self._note(position, page))
            position = replace(position, unsettled=position.unsettled or is_new)
        if page.next_cursor is not None and not ahead:
            if not tied:
                self._note(position, page)
                position = replace(position, unsettled=True)
            return replace(position, cursor=page.next_cursor)
        if tied and leg.settle and position.unsettled:
            return self._once_more(position)
        self._forget()
        if page.next_cursor is None:
            return None
        return Position(leg=position.leg, bound=last)

    def _listing(self, leg: Leg, position: Position, page: Page) -> Position | None:
        ids = [record.id for record in page.records]
        if position.reading == 1 and not self._seen.isdisjoint(ids):
            self.moved = True
        is_new = bool(self._note(position, page))
        position = replace(position, unsettled=position.unsettled or is_new)
        if page.next_cursor is not None and not _reached(leg, page.records):
            return replace(position, cursor=page.next_cursor)
        several_pages = position.cursor is not None
        if leg.settle and several_pages and position.unsettled:
            return self._once_more(position)
        return None

    def _once_more(self, position: Position) -> Position:
        self._idle = self._again = 0
        return replace(position, cursor=None, reading=position.reading + 1, unsettled=False)

    def _forget(self) -> None:
        self._seen.clear()
        self._idle = self._again = 0

    def _note(self, position: Position, page: Page) -> set[int | str]:
        """What is new on a page: ids, and the texts of what is no record.

        The second reading of a listing holds nothing new, but no more than the first one did.
        """
        found = {record.id for record in page.records} | {reject.text for reject in page.rejects}
        new = found - self._seen
        self._seen |= new
        self._idle = 0 if new else self._idle + 1
        self._again = 0 if new else self._again + (len(found) or PAGE_SIZE)
        is_too_long = position.reading == 1 or self._again > len(self._seen)
        if page.next_cursor is not None and self._idle >= IDLE_PAGES and is_too_long:
            raise EndlessListingError(
                f"the listing never ends: {self._idle} pages in a row hold nothing new and name a"
                " next one; run again, and ask MaintainX if it stays"
            )
        return new


def _latest(records: list[Record], key: str) -> str | None:
    """Text of the latest instant under `key`, unchanged."""
    texts = plain_times(records, key)
    if texts and len(set(map(len, texts))) == 1 and instant(latest := max(texts)):
        return latest
    times = [
        (moment, getattr(record.times, key)) for record in records if (moment := record.time(key))
    ]
    return str(max(times)[1]) if times else None


def _later(text: str, bound: str | None) -> bool:
    moment, floor = instant(text), instant(bound)
    return moment is not None and (floor is None or moment > floor)


def _is_at(record: Record, leg: Leg, position: Position) -> bool:
    return record.time(leg.key or "") == instant(position.bound)


def _reached(leg: Leg, records: list[Record]) -> bool:
    """Whether a newest-first read has reached records older than wanted."""
    floor: datetime | None = instant(leg.until)
    if floor is None or leg.until_key is None:
        return False
    return any((moment := record.time(leg.until_key)) and moment < floor for record in records)
