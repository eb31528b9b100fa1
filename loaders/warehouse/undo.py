"""Undo an interrupted checkpoint of the raw file.

DuckDB writes new data to new blocks and then updates a header, but it writes its metadata blocks
(256 KB) in place. A process killed during such a write leaves a block with a wrong checksum, and
the file cannot be opened. So the blocks that a checkpoint may overwrite are copied to
`<raw file>.undo` before it can begin, and restored if the header is not updated; the WAL then still
holds the committed data. Only programs that write the raw file copy and restore them.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

HEADERS = 3 * 4096
BLOCK = 262_144
METADATA_BLOCKS = "select distinct block_id from pragma_metadata_info('raw') order by block_id"


@contextmanager
def guarded(path: Path, mode: int = os.O_RDWR) -> Iterator["Undo | None"]:
    """An Undo of `path`; None when there is no file. Exit it only after DuckDB has closed the file.

    DuckDB's lock ends when this process closes any descriptor of the file, so this descriptor
    stays open.
    """
    try:
        descriptor = os.open(path, mode)
    except OSError:
        # The file does not exist yet, or DuckDB reports why it cannot be opened.
        yield None
        return
    try:
        yield Undo(path, descriptor)
    finally:
        os.close(descriptor)


def is_cut_off(path: Path) -> bool:
    """Whether the file needs Undo.put_back. Read-only; call it only while no program writes."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except OSError:
        return False
    try:
        return bool(Undo(path, descriptor).overwritten())
    finally:
        os.close(descriptor)


class Undo:
    """The headers and metadata blocks of a raw file after its last checkpoint."""

    def __init__(self, path: Path, descriptor: int) -> None:
        self._path = path.with_name(path.name + ".undo")
        self._descriptor = descriptor

    def put_back(self) -> bool:
        """Undo an interrupted checkpoint before DuckDB opens the file; True if there was one.

        Does nothing while another program holds the file. Raises OSError.
        """
        if not self._is_current():
            return False
        try:
            fcntl.lockf(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        overwritten = self.overwritten()
        for place, block in overwritten.items():
            os.pwrite(self._descriptor, block, place)
        if overwritten:
            os.fsync(self._descriptor)
        return bool(overwritten)

    def overwritten(self) -> dict[int, bytes]:
        """Blocks that an interrupted checkpoint overwrote: offset -> earlier content."""
        if not self._is_current():
            return {}
        blocks: dict[int, bytes] = {}
        with self._path.open("rb") as file:
            file.seek(HEADERS)
            while number := file.read(8):
                place = HEADERS + int.from_bytes(number) * BLOCK
                block = file.read(BLOCK)
                if os.pread(self._descriptor, BLOCK, place) != block:
                    blocks[place] = block
        return blocks

    def keep(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Copy the blocks that the next checkpoint may overwrite, unless that is done already.

        Raises OSError when the disk is full.
        """
        if self._is_current():
            return
        aside = self._path.with_name(self._path.name + ".new")
        with aside.open("wb") as file:
            file.write(os.pread(self._descriptor, HEADERS, 0))
            for (number,) in connection.execute(METADATA_BLOCKS).fetchall():
                file.write(number.to_bytes(8))
                file.write(os.pread(self._descriptor, BLOCK, HEADERS + number * BLOCK))
            file.flush()
            os.fsync(file.fileno())
        aside.replace(self._path)

    def _is_current(self) -> bool:
        """Whether no checkpoint has ended since the blocks were copied."""
        try:
            with self._path.open("rb") as file:
                return file.read(HEADERS) == os.pread(self._descriptor, HEADERS, 0)
        except FileNotFoundError:
            return False
