"""Records that are read and not yet loaded: a file of records and a journal, both safe from a kill.

One line per record, tab-separated: line number, page number, time of reading, id, updatedAt (empty
when absent), quick hash, the record verbatim. Times are UTC. JSON holds no raw tab or line
break, so nothing is quoted. The journal gets a line after each page; a run that dies goes on from
the last whole line. The disk is waited for once a second: if the machine dies, lines that tell of
more than the disk has are left out.
"""

import json
import os
import time
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from io import FileIO
from itertools import chain, repeat
from pathlib import Path
from typing import Any, Self

import msgspec

from loaders.maintainx.paging import Leg, Position, SourcePage, Walk
from loaders.maintainx.records import (
    LARGEST_ID,
    REPLACEMENT,
    Page,
    Record,
    plain_times,
    text_hash,
)

# Raised whenever the format of a spool changes: a spool of another release is not resumed.
VERSION = 5
# An older spool is read again: its list has changed since, and cursors expire.
LONGEST_REST = timedelta(days=1)
# Seconds of reading that a power failure may lose. To wait for the disk after each page takes
# longer than a fast server does.
SYNC_EVERY = 1.0

Asked = dict[str, str | None]


def folder(warehouse: Path) -> Path:
    """The folder of the spools of a warehouse: `<warehouse>.spool` beside it."""
    return warehouse.with_name(warehouse.name + ".spool")


@dataclass
class Spool:
    """The spool of one list of one organization.

    records, rejects: the files. asked: what the walk was asked for; a walk resumes only if that is
    unchanged. read: records so far, doubles among them. longest: no line has more bytes.
    odd: records that DuckDB may refuse. replaced: records with text that was no whole character.
    untold: ids of records whose own address did not tell, with their updatedAt. started_at: UTC.
    known: the pages of the last read; None where this read does not compare pages. pages: those
    read so far, of which the first `repeated` were as in the last read and are not in `records`.
    """

    records: Path
    rejects: Path
    journal: Path
    asked: Asked
    walk: Walk
    started_at: datetime
    read: int = 0
    longest: int = 0
    odd: int = 0
    replaced: int = 0
    untold: list[tuple[int, str | None]] = field(default_factory=list)
    resumed: bool = False
    known: tuple[SourcePage, ...] | None = None
    pages: list[SourcePage] = field(default_factory=list)
    repeated: int = 0
    _files: list[FileIO] = field(default_factory=list)
    _synced: tuple[int, int] = (0, 0)
    _synced_at: float = 0.0

    @classmethod
    def open(
        cls,
        place: Path,
        name: str,
        asked: Asked,
        legs: tuple[Leg, ...],
        known: tuple[SourcePage, ...] | None = None,
    ) -> Self:
        """Resume the unfinished walk `name` in `place` if it was asked the same, else begin.

        A walk of another release, one that rested too long, one whose files were changed and one
        whose repeated pages are no longer those of the list is begun anew. Raises OSError where the
        disk is full or not writable.
        """
        place.mkdir(parents=True, exist_ok=True)
        records, rejects, journal = (
            place / f"{name}.{end}" for end in ("records", "rejects", "journal")
        )
        try:
            return cls._resume(records, rejects, journal, asked, known)
        except (OSError, ValueError, LookupError, TypeError, RecursionError):
            spool = cls(records, rejects, journal, asked, Walk.start(legs), _now(), known=known)
            spool._begin(legs)
            return spool

    @classmethod
    def _resume(
        cls,
        records: Path,
        rejects: Path,
        journal: Path,
        asked: Asked,
        known: tuple[SourcePage, ...] | None,
    ) -> Self:
        """Raises what `open` expects where there is nothing to resume."""
        whole_lines = [
            line for line in journal.read_bytes().splitlines(True) if line.endswith(b"\n")
        ]
        head, last = json.loads(whole_lines[0]), json.loads(whole_lines[-1])
        if (head["version"], head["asked"]) != (VERSION, asked):
            raise ValueError("the walk was asked for something else")
        if _now() - datetime.fromisoformat(last["read_at"]) > LONGEST_REST:
            raise ValueError("the walk rested for too long")
        walk = Walk.start(tuple(Leg.from_json(leg) for leg in head["legs"]))
        started_at = datetime.fromisoformat(head["started_at"])
        spool = cls(records, rejects, journal, asked, walk, started_at, resumed=True, known=known)
        sizes = (0, 0)
        while len(whole_lines) > 1 and not _is_on_disk(last, records, rejects):
            whole_lines.pop()
            last = json.loads(whole_lines[-1])
        if len(whole_lines) > 1:
            sizes = (last["records_bytes"], last["rejects_bytes"])
            spool.read, spool.longest = last["read"], last["longest"]
            spool.odd, spool.replaced = last["odd"], last["replaced"]
            spool.untold = [(number, updated_at) for number, updated_at in last["untold"]]
            position = last["position"]
            walk.position = None if position is None else Position(**position)
            walk.moved = last["moved"]
            spool.repeated = last["repeated"]
            spool.pages = [
                SourcePage(line["query"], line["digest"], line["position"], line["read"])
                for line in map(json.loads, whole_lines[1:])
            ]
            repeated = spool.pages[: spool.repeated]
            if repeated and (known is None or list(known[: spool.repeated]) != repeated):
                raise ValueError("the list was written since its pages were compared")
            numbers = (*sizes, spool.read, spool.longest, spool.odd, spool.replaced)
            if not all(type(number) is int and 0 <= number < LARGEST_ID for number in numbers):
                raise ValueError("the journal tells no numbers")
            _ = spool.untold_since
        if walk.position is not None:
            walk.query()
        if spool.longest > max(sizes):
            raise ValueError("the journal tells no numbers")
        journal_bytes = sum(map(len, whole_lines))
        for path, size in zip((records, rejects, journal), (*sizes, journal_bytes), strict=True):
            file = path.open("r+b", 0)
            file.truncate(size)
            file.seek(size)
            spool._files.append(file)
        spool._synced = sizes
        return spool

    @property
    def untold_since(self) -> datetime | None:
        """The earliest updatedAt (UTC) of a record whose own address did not tell."""
        times = [datetime.fromisoformat(moment) for _, moment in self.untold if moment]
        return min(times, default=None)

    def _begin(self, legs: tuple[Leg, ...]) -> None:
        self._files = [path.open("wb", 0) for path in (self.records, self.rejects, self.journal)]
        self._write_journal(
            {
                "version": VERSION,
                "asked": self.asked,
                "legs": [asdict(leg) for leg in legs],
                "started_at": self.started_at.isoformat(),
                "read_at": self.started_at.isoformat(),
            }
        )

    def add(self, page: Page, records: list[Record], untold: list[Record]) -> None:
        """Write a page's records and move the walk on past it.

        records: what is to load, those of the page or their details. untold: stubs without details.
        Raises OSError, EndlessListingError.
        """
        query = self._query()
        self.walk.advance(page)
        read_at = _now()
        middle = f"\t{len(self.pages)}\t{read_at.isoformat(' ')}\t"
        heads = [
            f"{number}{middle}{record.id}\t{updated_at}\t{record.quick_hash}\t".encode()
            for number, (record, updated_at) in enumerate(
                zip(records, _updated(records), strict=True), self.read + 1
            )
        ]
        texts = [record.raw for record in records]
        self.read += len(records)
        odd = [record for record in records if record.odd]
        self.odd += len(odd)
        self.replaced += sum(REPLACEMENT in record.text for record in odd)
        self.untold += [(stub.id, _updated_at(stub)) for stub in untold]
        rejects = [
            f"{text_hash(reject.text)}\t{reject.reason}\t{reject.text}\n".encode()
            for reject in page.rejects
        ]
        if heads:
            self.longest = max(self.longest, max(map(len, heads)) + max(map(len, texts)) + 1)
        self.longest = max(self.longest, *map(len, rejects), 0)
        # Joined once: to write each line takes longer.
        _append(self._files[0], b"".join(chain.from_iterable(zip(heads, texts, repeat(b"\n")))))
        _append(self._files[1], b"".join(rejects))
        is_plain = not (page.rejects or odd)
        self._journal(query, page.digest if is_plain else None, read_at)

    @property
    def expected(self) -> str | None:
        """The digest that the next page has if it is as in the last read, '' if nothing is known of
        it; None where pages are not compared."""
        if self.known is None:
            return None
        number = len(self.pages)
        if self.repeated < number or number >= len(self.known):
            return ""
        page = self.known[number]
        return page.digest if page.query == self._query() else ""

    def repeat(self) -> None:
        """Move the walk past a page that is as in the last read. Raises OSError."""
        if self.known is None:
            raise RuntimeError("pages are not compared in this read")
        page = self.known[self.repeated]
        self.walk.skip(None if page.after is None else Position(**page.after))
        self.read = page.read
        self.repeated += 1
        self._journal(page.query, page.digest, _now())

    def _query(self) -> str:
        return json.dumps(self.walk.query())

    def _journal(self, query: str, digest: str | None, read_at: datetime) -> None:
        """Note that a page was read; wait for the disk if that is due."""
        sizes = (self._files[0].tell(), self._files[1].tell())
        is_due = time.monotonic() - self._synced_at >= SYNC_EVERY
        if is_due:
            for file in self._files[:2]:
                os.fsync(file.fileno())
            self._synced, self._synced_at = sizes, time.monotonic()
        position = None if self.walk.position is None else self.walk.position.to_json()
        self.pages.append(SourcePage(query, digest, position, self.read))
        self._write_journal(
            {
                "records_bytes": sizes[0],
                "rejects_bytes": sizes[1],
                "synced": self._synced,
                "read": self.read,
                "read_at": read_at.isoformat(),
                "longest": self.longest,
                "odd": self.odd,
                "replaced": self.replaced,
                "untold": self.untold,
                "moved": self.walk.moved,
                "position": position,
                "query": query,
                "digest": digest,
                "repeated": self.repeated,
            }
        )
        if is_due:
            os.fsync(self._files[2].fileno())

    def _write_journal(self, line: dict[str, Any]) -> None:
        _append(self._files[2], msgspec.json.encode(line) + b"\n")

    def close(self) -> None:
        """Close the files; the read can be resumed."""
        for file in self._files:
            file.close()
        self._files.clear()

    def discard(self) -> None:
        """Delete the files: the read is loaded, or has to begin again."""
        self.close()
        self.journal.unlink(missing_ok=True)
        self.records.unlink(missing_ok=True)
        self.rejects.unlink(missing_ok=True)


def _append(file: FileIO, content: bytes) -> None:
    """Write all of it; a file without buffer may take a part."""
    rest = memoryview(content)
    while rest:
        rest = rest[file.write(rest) :]


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)


def _is_on_disk(line: dict[str, Any], records: Path, rejects: Path) -> bool:
    """Whether the files hold what a line of the journal tells.

    A disk may lack the end of a file that was written just before the machine died, or hold zeros
    in its place.
    """
    sizes = (line["records_bytes"], line["rejects_bytes"])
    for path, size, synced in zip((records, rejects), sizes, line["synced"], strict=True):
        if path.stat().st_size < size:
            return False
        with path.open("rb") as file:
            file.seek(synced)
            if b"\0" in file.read(max(0, size - synced)):
                return False
    return True


def _updated(records: list[Record]) -> list[str]:
    """Their updatedAt in UTC, as DuckDB reads it; empty for none. A day that no calendar has may be
    among them."""
    texts = plain_times(records, "updatedAt")
    if texts is not None:
        return [text[:-1] for text in texts]
    return [_updated_at(record) or "" for record in records]


def _updated_at(record: Record) -> str | None:
    moment = record.time("updatedAt")
    return None if moment is None else moment.replace(tzinfo=None).isoformat(" ")
