"""The least work that lands work orders: fetch, slice, spool, one bulk load. No hash, no resume.

`python -m benchmarks.floor URL FOLDER` with the packages of the loaders.
"""

import sys
from pathlib import Path

import duckdb
import httpx
import msgspec


class Page(msgspec.Struct):
    """A page, its records as they were sent."""

    workOrders: list[msgspec.Raw]  # noqa: N815
    nextCursor: str | None = None  # noqa: N815


def main(url: str, folder: Path) -> None:
    """Land every page in `folder`."""
    spool = folder / "spool.ndjson"
    page = msgspec.json.Decoder(Page)
    query = {"limit": "200"}
    with httpx.Client(headers={"authorization": "Bearer key"}) as client, spool.open("wb") as out:
        while True:
            found = page.decode(client.get(f"{url}/workorders", params=query).content)
            for record in found.workOrders:
                out.write(record)
                out.write(b"\n")
            if found.nextCursor is None:
                break
            query["cursor"] = found.nextCursor
    with duckdb.connect(str(folder / "floor.duckdb"), config={"threads": 1}) as connection:
        connection.execute("set memory_limit = '512MB'; set preserve_insertion_order = false")
        connection.execute(
            "create table work_orders as select json as payload"
            f" from read_ndjson_objects('{spool}')"
        )
    spool.unlink()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
