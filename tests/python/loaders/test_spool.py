"""The spool after the machine died: what the disk lacks is read again, the rest is kept."""

import resource
from pathlib import Path

import pytest

from loaders.maintainx.paging import Leg, Position
from loaders.maintainx.records import read_page
from loaders.warehouse.spool import Spool

LEGS = (Leg(()),)


def opened(place: Path) -> Spool:
    return Spool.open(place, "parts.whole", {}, LEGS)


def add(spool: Spool, *numbers: int) -> None:
    """A page of these records that names its last one as the cursor of the next page."""
    records = ",".join(f'{{"id": {number}}}' for number in numbers)
    page = read_page(f'{{"p": [{records}, 5], "nextCursor": "{numbers[-1]}"}}'.encode(), "p")
    spool.add(page, page.records, [])


@pytest.mark.parametrize("ending", ["records", "rejects"])
@pytest.mark.parametrize("lost", ["cut off", "zeros"])
def test_a_page_that_the_disk_lacks_is_read_again(tmp_path: Path, ending: str, lost: str) -> None:
    spool = opened(tmp_path)
    add(spool, 1, 2)
    file = tmp_path / f"parts.whole.{ending}"
    kept = file.read_bytes()
    add(spool, 3)
    missing = len(file.read_bytes()) - len(kept)
    assert missing
    spool.close()
    file.write_bytes(kept + (b"" if lost == "cut off" else b"\0" * missing))
    resumed = opened(tmp_path)
    assert (resumed.resumed, resumed.read) == (True, 2)
    assert resumed.walk.position == Position(cursor="2", unsettled=True)
    add(resumed, 4)
    lines = [line.split(b"\t") for line in resumed.records.read_bytes().splitlines()]
    found = [tuple(int(line[column]) for column in (0, 1, 3)) for line in lines]
    assert found == [(1, 0, 1), (2, 0, 2), (3, 1, 4)]
    resumed.discard()


def test_all_pages_of_a_killed_process_are_kept(tmp_path: Path) -> None:
    spool = opened(tmp_path)
    for number in range(5):
        add(spool, number + 1)
    resumed = opened(tmp_path)  # the first one has neither closed nor synced its files
    assert (resumed.resumed, resumed.read) == (True, 5)
    resumed.discard()
    spool.close()


def test_a_page_of_which_the_disk_takes_a_part_is_read_again(tmp_path: Path) -> None:
    spool = opened(tmp_path)
    # The file of records is the largest, so no other one reaches the limit.
    add(spool, *range(100))
    limit = spool.records.stat().st_size + 7
    unlimited = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, unlimited[1]))
    try:
        with pytest.raises(OSError, match="File too large"):
            add(spool, 100)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, unlimited)
    assert spool.records.stat().st_size == limit
    spool.close()
    resumed = opened(tmp_path)
    assert (resumed.resumed, resumed.read) == (True, 100)
    resumed.discard()


def test_pages_without_records_are_kept(tmp_path: Path) -> None:
    spool = opened(tmp_path)
    for cursor in "ab":
        page = read_page(f'{{"p": [], "nextCursor": "{cursor}"}}'.encode(), "p")
        spool.add(page, [], [])
    spool.close()
    resumed = opened(tmp_path)
    assert resumed.resumed
    assert resumed.walk.position == Position(cursor="b")
    resumed.discard()
