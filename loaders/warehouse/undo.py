"""A way back from a checkpoint that was cut off.

DuckDB writes new data beside the old and then moves a header on, but it writes its metadata blocks
(256 KB) in place: a process killed in the middle of one leaves a block that matches no checksum,
and a file that nothing opens. So what a checkpoint may overwrite is kept in `<warehouse>.undo`
before it can begin, and put back where the header never moved on; the WAL then still holds what
was committed.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

HEADERS = 3 * 4096
BLOCK = 262_144
METADATA_BLOCKS = "select distinct block_id from pragma_metadata_info() order by block_id"


@contextmanager
def guarded(warehouse: Path) -> Iterator["Undo | None"]:
    """An Undo of `warehouse`, to be left only after DuckDB has closed the file; None without one.

    A lock of DuckDB's ends when this process closes any descriptor of the file, so this one stays
    open all the while.
    """
    try:
        descriptor = os.open(warehouse, os.O_RDWR)
    except OSError:
        # It is still to be made, or DuckDB will say why it cannot be opened.
        yield None
        return
    try:
        yield Undo(warehouse, descriptor)
    finally:
        os.close(descriptor)


class Undo:
    """The headers and metadata blocks of a warehouse, as its last checkpoint left them."""

    def __init__(self, warehouse: Path, descriptor: int) -> None:
        self._path = warehouse.with_name(warehouse.name + ".undo")
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
        cut_off = False
        with self._path.open("rb") as file:
            file.seek(HEADERS)
            while number := file.read(8):
                at = HEADERS + int.from_bytes(number) * BLOCK
                block = file.read(BLOCK)
                if os.pread(self._descriptor, BLOCK, at) != block:
                    os.pwrite(self._descriptor, block, at)
                    cut_off = True
        if cut_off:
            os.fsync(self._descriptor)
        return cut_off

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
