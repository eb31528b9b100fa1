"""Records that are read and not yet loaded: a file of records and a journal, both safe from a kill.

One line per record, tab-separated: line number, id, updatedAt (UTC, microseconds, empty when
absent), content hash, the record verbatim. JSON contains no unescaped tab or line break, so nothing
is quoted. The journal has one line per page, written once the page is on disk. A killed run resumes
after the last complete line.
"""

import json
import os
import shutil
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, Self

from loaders.maintainx.paging import Leg, Position, Walk
from loaders.maintainx.records import Page, Record, text_hash

Asked = dict[str, str | None]


def folder(warehouse: Path) -> Path:
    """The folder of the spools of a warehouse: `<warehouse>.spool` beside it."""
    return warehouse.with_name(warehouse.name + ".spool")


def remove_all(warehouse: Path) -> None:
    """Delete all unfinished reads of a warehouse."""
    shutil.rmtree(folder(warehouse), ignore_errors=True)


@dataclass
class Spool:
    """The spool of one list of one organization.

    records, rejects: the files. asked: the parameters of the read, which resumes only if they are
    unchanged. read: records so far, duplicates included. longest: bytes of the longest line.
    started_at: UTC.
    """

    records: Path
    rejects: Path
    journal: Path
    asked: Asked
    walk: Walk
    started_at: datetime
    read: int = 0
    longest: int = 0
    resumed: bool = False
    _files: list[IO[bytes]] = field(default_factory=list)

    @classmethod
    def open(cls, place: Path, name: str, asked: Asked, legs: tuple[Leg, ...]) -> Self:
        """Resume the read `name` in `place` if its parameters are unchanged, or begin a new one.

        Raises OSError when the disk is full or not writable.
        """
        place.mkdir(parents=True, exist_ok=True)
        records, rejects, journal = (
            place / f"{name}.{end}" for end in ("records", "rejects", "journal")
        )
        head, last = _journal(journal)
        resumed = head is not None and head["asked"] == asked
        if resumed and head is not None:
            legs = tuple(Leg.from_json(leg) for leg in head["legs"])
        walk = Walk.start(legs)
        started_at = datetime.now(UTC).replace(tzinfo=None)
        spool = cls(records, rejects, journal, asked, walk, started_at, resumed=resumed)
        if resumed and head is not None:
            spool.started_at = datetime.fromisoformat(head["started_at"])
            spool._take_up(last)
        else:
            spool._begin(legs)
        return spool

    def _begin(self, legs: tuple[Leg, ...]) -> None:
        self._files = [path.open("wb") for path in (self.records, self.rejects, self.journal)]
        self._write_journal(
            {
                "asked": self.asked,
                "legs": [leg.__dict__ for leg in legs],
                "started_at": self.started_at.isoformat(),
            }
        )

    def _take_up(self, last: dict[str, Any] | None) -> None:
        sizes = (0, 0)
        if last is not None:
            sizes = (last["records_bytes"], last["rejects_bytes"])
            self.read, self.longest = last["read"], last["longest"]
            position = last["position"]
            self.walk.position = None if position is None else Position(**position)
            self.walk.moved = last["moved"]
        for path, size in zip((self.records, self.rejects), sizes, strict=True):
            file = path.open("r+b")
            file.truncate(size)
            file.seek(size)
            self._files.append(file)
        whole_lines = b"".join(
            line for line in self.journal.read_bytes().splitlines(True) if line.endswith(b"\n")
        )
        self._files.append(self.journal.open("r+b"))
        self._files[2].truncate(len(whole_lines))
        self._files[2].seek(len(whole_lines))

    def add(self, page: Page, records: list[Record]) -> None:
        """Write the records of a page to disk and advance to the next page.

        `records` are the records to load: those of the page, or their details. Raises OSError.
        """
        lines = []
        for record in records:
            moment = record.time("updatedAt")
            updated = moment.replace(tzinfo=None).isoformat(" ") if moment else ""
            self.read += 1
            lines.append(
                f"{self.read}\t{record.id}\t{updated}\t{record.content_hash}\t{record.text}\n"
            )
        rejects = [
            f"{text_hash(reject.text)}\t{reject.reason}\t{reject.text}\n" for reject in page.rejects
        ]
        self.walk.advance(page)
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
                "longest": self.longest,
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


def _journal(path: Path) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
    """The head and the last complete line of a journal; a line cut short by a kill is ignored."""
    try:
        with path.open("rb") as file:
            lines = [line for line in file if line.endswith(b"\n")]
        parsed = [json.loads(lines[0]), json.loads(lines[-1])] if lines else []
    except (FileNotFoundError, ValueError):
        return None, None
    if not parsed:
        return None, None
    return parsed[0], parsed[1] if len(lines) > 1 else None
