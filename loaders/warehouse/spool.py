"""Records that are read and not yet loaded: a file of records and a journal, both safe from a kill.

One line per record, tab-separated: line number, id, updatedAt (empty when absent), time of reading,
content hash, the record verbatim. Times are UTC. JSON holds no raw tab or line break, so nothing is
quoted. The journal gets a line per page once the page is on disk; a run that dies goes on from the
last whole line.
"""

import json
import os
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, Any, Self

from loaders.maintainx.paging import Leg, Position, Walk
from loaders.maintainx.records import LARGEST_ID, REPLACEMENT, Page, Record, text_hash

# Raised whenever the format of a spool changes: a spool of another release is not resumed.
VERSION = 2
# An older spool is read again: its list has changed since, and cursors expire.
LONGEST_REST = timedelta(days=1)

Asked = dict[str, str | None]


def folder(warehouse: Path) -> Path:
    """The folder of the spools of a warehouse: `<warehouse>.spool` beside it."""
    return warehouse.with_name(warehouse.name + ".spool")


@dataclass
class Spool:
    """The spool of one list of one organization.

    records, rejects: the files. asked: what the walk was asked for; a walk resumes only if that is
    unchanged. read: records so far, doubles among them. longest: bytes of the longest line.
    replaced: records with text that was no whole character. untold: ids of records whose own
    address did not tell, with their updatedAt. started_at: UTC.
    """

    records: Path
    rejects: Path
    journal: Path
    asked: Asked
    walk: Walk
    started_at: datetime
    read: int = 0
    longest: int = 0
    replaced: int = 0
    untold: list[tuple[int, str | None]] = field(default_factory=list)
    resumed: bool = False
    _files: list[IO[bytes]] = field(default_factory=list)

    @classmethod
    def open(cls, place: Path, name: str, asked: Asked, legs: tuple[Leg, ...]) -> Self:
        """Resume the unfinished walk `name` in `place` if it was asked the same, else begin.

        A walk of another release, one that rested too long and one whose files were changed is
        begun anew. Raises OSError where the disk is full or not writable.
        """
        place.mkdir(parents=True, exist_ok=True)
        records, rejects, journal = (
            place / f"{name}.{end}" for end in ("records", "rejects", "journal")
        )
        try:
            return cls._resume(records, rejects, journal, asked)
        except (OSError, ValueError, LookupError, TypeError, RecursionError):
            spool = cls(records, rejects, journal, asked, Walk.start(legs), _now())
            spool._begin(legs)
            return spool

    @classmethod
    def _resume(cls, records: Path, rejects: Path, journal: Path, asked: Asked) -> Self:
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
        spool = cls(records, rejects, journal, asked, walk, started_at, resumed=True)
        sizes = (0, 0)
        if len(whole_lines) > 1:
            sizes = (last["records_bytes"], last["rejects_bytes"])
            spool.read, spool.longest = last["read"], last["longest"]
            spool.replaced = last["replaced"]
            spool.untold = [(number, updated_at) for number, updated_at in last["untold"]]
            position = last["position"]
            walk.position = None if position is None else Position(**position)
            walk.moved = last["moved"]
            numbers = (*sizes, spool.read, spool.longest, spool.replaced)
            if not all(type(number) is int and 0 <= number < LARGEST_ID for number in numbers):
                raise ValueError("the journal tells no numbers")
            _ = spool.untold_since
        if walk.position is not None:
            walk.query()
        found = (records.stat().st_size, rejects.stat().st_size)
        if found[0] < sizes[0] or found[1] < sizes[1] or spool.longest > max(sizes):
            raise ValueError("the walk's files were cut off")
        journal_bytes = sum(map(len, whole_lines))
        for path, size in zip((records, rejects, journal), (*sizes, journal_bytes), strict=True):
            file = path.open("r+b")
            file.truncate(size)
            file.seek(size)
            spool._files.append(file)
        return spool

    @property
    def untold_since(self) -> datetime | None:
        """The earliest updatedAt (UTC) of a record whose own address did not tell."""
        times = [datetime.fromisoformat(moment) for _, moment in self.untold if moment]
        return min(times, default=None)

    def _begin(self, legs: tuple[Leg, ...]) -> None:
        self._files = [path.open("wb") for path in (self.records, self.rejects, self.journal)]
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
        """Put a page's records on disk and move the walk on past it.

        records: what is to load, those of the page or their details. untold: stubs without details.
        Raises OSError, EndlessListingError.
        """
        self.walk.advance(page)
        read_at = _now()
        lines = []
        for record in records:
            self.read += 1
            self.replaced += REPLACEMENT in record.text
            lines.append(
                f"{self.read}\t{record.id}\t{_updated_at(record) or ''}\t{read_at.isoformat(' ')}\t"
                f"{record.content_hash}\t{record.text}\n"
            )
        self.untold += [(stub.id, _updated_at(stub)) for stub in untold]
        rejects = [
            f"{text_hash(reject.text)}\t{reject.reason}\t{reject.text}\n" for reject in page.rejects
        ]
        for file, texts in zip(self._files, (lines, rejects), strict=False):
            encoded = [text.encode() for text in texts]
            self.longest = max(self.longest, *map(len, encoded), 0)
            file.writelines(encoded)
            file.flush()
            os.fsync(file.fileno())
        position = self.walk.position
        self._write_journal(
            {
                "records_bytes": self._files[0].tell(),
                "rejects_bytes": self._files[1].tell(),
                "read": self.read,
                "read_at": read_at.isoformat(),
                "longest": self.longest,
                "replaced": self.replaced,
                "untold": self.untold,
                "moved": self.walk.moved,
                "position": position and position.to_json(),
            }
        )

    def _write_journal(self, line: dict[str, Any]) -> None:
        self._files[2].write(json.dumps(line).encode() + b"\n")
        self._files[2].flush()
        os.fsync(self._files[2].fileno())

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


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)


def _updated_at(record: Record) -> str | None:
    moment = record.time("updatedAt")
    return moment.replace(tzinfo=None).isoformat(" ") if moment else None
