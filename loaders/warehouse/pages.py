"""The pages of the last read of a whole list: one that comes again need not be cut and compared.

`raw._source_pages` has a row for each of the first pages of a read, up to one that is unusual. They
count only while the list in the raw file is as it was after that read, so that a page with the same
digest holds what the list has.
"""

import json
from itertools import takewhile

import duckdb

from loaders.maintainx.paging import SourcePage
from loaders.warehouse.file import RawFile, one_row

# Raised whenever pages are read otherwise: those of another release are not skipped.
FORMAT = 1
PLACE = "organization_id = $organization and resource = $resource"


def known_pages(raw: RawFile, resource: str, organization_id: int) -> tuple[SourcePage, ...]:
    """The pages of the last read; none where the list is no longer as it was then."""
    place = {"organization": organization_id, "resource": resource}
    with raw.transaction() as connection:
        state = _state(connection, resource, organization_id)
        rows = connection.execute(
            f"select query, digest, after, read from raw._source_pages where {PLACE}"
            " and state = $state qualify number = row_number() over (order by number) - 1"
            " order by number",
            place | {"state": state},
        ).fetchall()
    return tuple(
        SourcePage(query, digest, json.loads(after), read) for query, digest, after, read in rows
    )


def list_repeated(
    connection: duckdb.DuckDBPyConnection, resource: str, organization_id: int, repeated: int
) -> None:
    """Add to the table `listed` the records of so many pages that came again, as `known` has
    them."""
    if repeated:
        connection.execute(
            "insert into listed select id, null, source_updated_at, null, _content_hash from known"
            " where id not in (select id from listed) and id in"
            f" (select unnest(ids) from raw._source_pages where {PLACE} and number < $repeated)",
            {"organization": organization_id, "resource": resource, "repeated": repeated},
        )


def remember(
    connection: duckdb.DuckDBPyConnection,
    resource: str,
    organization_id: int,
    pages: list[SourcePage],
    repeated: int,
) -> None:
    """Replace the pages of the last read by those of a read that was just loaded.

    The first `repeated` ones are as they were. The table `spooled` has the records of the others.
    """
    if repeated == len(pages):
        return
    pages = list(takewhile(lambda page: page.digest, pages))
    place = {"organization": organization_id, "resource": resource}
    connection.execute(
        f"delete from raw._source_pages where {PLACE} and number >= $repeated",
        place | {"repeated": repeated},
    )
    new = pages[repeated:]
    connection.execute(
        "create temp table pages_read as select $repeated + generate_subscripts($query, 1) - 1"
        " as number, unnest($query::varchar[]) as query, unnest($digest::varchar[]) as digest,"
        " unnest($after::varchar[]) as after, unnest($read::bigint[]) as read",
        {
            "repeated": repeated,
            "query": [page.query for page in new],
            "digest": [page.digest for page in new],
            "after": [json.dumps(page.after) for page in new],
            "read": [page.read for page in new],
        },
    )
    place["state"] = _state(connection, resource, organization_id)
    connection.execute(f"update raw._source_pages set state = $state where {PLACE}", place)
    connection.execute(
        "insert into raw._source_pages"
        " select $organization, $resource, number, query, digest, after, read,"
        " coalesce(ids, []), $state from pages_read"
        " left join (select page as number, list(id) as ids from spooled group by page)"
        " using (number)",
        place,
    )


def _state(connection: duckdb.DuckDBPyConnection, resource: str, organization_id: int) -> str:
    """Equal as long as the loaders write no row of the list, none is removed, and releases read
    pages alike."""
    rows, newest = one_row(
        connection,
        f"select count(*), max(_extracted_at) from raw.{resource} where organization_id = ?",
        [organization_id],
    )
    return f"{FORMAT} {rows} {newest}"
