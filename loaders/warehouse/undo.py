"""A way back from a checkpoint that was cut off.

DuckDB writes new data beside the old and then moves a header on, but it writes its metadata blocks
(256 KB) in place: a process killed in the middle of one leaves a block that matches no checksum,
and a file that nothing opens. So what a checkpoint may overwrite is kept in `<raw file>.undo`
before it can begin, and put back where the header never moved on; the WAL then still holds what
was committed. Only those who write the raw file keep it and put it back.
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
    """An Undo of `path`, to be left only after DuckDB has closed the file; None without one.

    A lock of DuckDB's ends when this process closes any descriptor of the file, so this one stays
    open all the while.
    """
    try:
        descriptor = os.open(path, mode)
    except OSError:
        # It is still to be made, or DuckDB will say why it cannot be opened.
        yield None
        return
    try:
        yield Undo(path, descriptor)
    finally:
        os.close(descriptor)


def is_cut_off(path: Path) -> bool:
    """Whether the file needs Undo.put_back; for one that no program writes now. Changes nothing."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except OSError:
        return False
    try:
        return bool(Undo(path, descriptor).overwritten())
    finally:
        os.close(descriptor)


class Undo:
    """The headers and metadata blocks of a raw file, as its last checkpoint left them."""

    def __init__(self, path: Path, descriptor: int) -> None:
        self._path = path.with_name(path.name + ".undo")
        self._descriptor = descriptor

    def put_back(self) -> bool:
        """Undo a checkpoint that was cut off, before DuckDB opens the file; True where one was.

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
        """Blocks that a checkpoint wrote over before it was cut off: place -> former content."""
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
        """Put aside what the next checkpoint may overwrite, where that is not done yet.

        Raises OSError where the disk is full.
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
        """Whether no checkpoint has ended since the blocks were kept."""
        try:
            with self._path.open("rb") as file:
                return file.read(HEADERS) == os.pread(self._descriptor, HEADERS, 0)
        except FileNotFoundError:
            return False
