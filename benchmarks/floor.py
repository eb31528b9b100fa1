"""The least work that loads work orders: fetch, cut, spool, one bulk load. No hash, no resume.

`python -m benchmarks.floor URL FOLDER SETTING` with the packages of the loaders. SETTING says what
cuts a page into its records: "msgspec", or "json", the fastest of the standard library. "nothing":
msgspec, and the records are thrown away.
"""

import json
import sys
from collections.abc import Iterable
from pathlib import Path

import duckdb
import httpx
import msgspec


class Page(msgspec.Struct):
    """A page, its records as they were sent."""

    workOrders: list[msgspec.Raw]  # noqa: N815
    nextCursor: str | None = None  # noqa: N815


PAGE = msgspec.json.Decoder(Page)
RAW_DECODE = json.JSONDecoder().raw_decode
CURSOR = '],"nextCursor":'


def by_msgspec(content: bytes) -> tuple[Iterable[bytes | msgspec.Raw], str | None]:
    """The records of a page, and the next cursor."""
    page = PAGE.decode(content)
    return page.workOrders, page.nextCursor


def by_json(content: bytes) -> tuple[Iterable[bytes | msgspec.Raw], str | None]:
    """The records of a page, and the next cursor."""
    text = content.decode()
    at, records = text.index("[") + 1, []
    while not text.startswith(CURSOR, at - 1):
        end = RAW_DECODE(text, at)[1]
        records.append(text[at:end].encode())
        at = end + 1
    return records, json.loads(text[at - 1 + len(CURSOR) : -1])


def main(url: str, folder: Path, setting: str) -> None:
    """Load every page into a file in `folder`."""
    cut = by_json if setting == "json" else by_msgspec
    spool = folder / "spool.ndjson"
    query = {"limit": "200"}
    with httpx.Client(headers={"authorization": "Bearer key"}) as client, spool.open("wb") as out:
        while True:
            records, cursor = cut(client.get(f"{url}/workorders", params=query).content)
            for record in records if setting != "nothing" else ():
                out.write(record)
                out.write(b"\n")
            if cursor is None:
                break
            query["cursor"] = cursor
    if setting == "nothing":
        return
    with duckdb.connect(str(folder / "floor.duckdb"), config={"threads": 1}) as connection:
        connection.execute("set memory_limit = '512MB'; set preserve_insertion_order = false")
        connection.execute(
            "create table work_orders as select json as payload"
            f" from read_ndjson_objects('{spool}')"
        )


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), sys.argv[3])
