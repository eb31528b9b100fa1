"""Load spooled records into the raw tables. Imports no HTTP code.

Every table `raw.<list>` is an append-only log: a row where a record is new, differs from the newest
row of its id, or is confirmed deleted. `_extracted_at` is when it was read; what is loaded later
has a greater one, so the newest row of an id is the one with the greatest. All times are UTC
TIMESTAMPs.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import cast

import duckdb

from loaders.maintainx.records import content_hash
from loaders.warehouse.file import MEMORY_MB, RawFile, now, one_row
from loaders.warehouse.outcome import Outcome
from loaders.warehouse.pages import list_repeated, remember
from loaders.warehouse.run_log import record, record_reading
from loaders.warehouse.spool import Spool

PARTIAL_WALKS = ("labour", "old_labour", "sweep", "mend", "marked", "details")

SPOOL_COLUMNS = (
    "{'line': 'bigint', 'page': 'bigint', 'read_at': 'timestamp', 'id': 'bigint',"
    " 'updated_at': 'varchar', 'quick_hash': 'varchar', 'payload': 'varchar'}"
)
# A day that no calendar has becomes null.
UPDATED_AT = "try_cast(updated_at as timestamp)"
REJECT_COLUMNS = "{'content_hash': 'varchar', 'reason': 'varchar', 'record': 'varchar'}"
FILE_OPTIONS = (
    "auto_detect = false, header = false, delim = '\\t', quote = '', escape = '', new_line = '\\n'"
)
LIVE = "_operation = 'upsert'"
ABSENT = f"select id from known where {LIVE} and id not in (select id from listed)"
SMALLEST_BUFFER = 4_000_000
# Rows that Python takes at a time.
BATCH = 500
# Bytes of a content hash: as texts, those of a million records would take 90 MB.
DIGEST = 16
NO_JSON = "DuckDB cannot read the record as JSON"


@dataclass(frozen=True)
class Comparison:
    """A listing compared with the raw table.

    absent: ids that are not deleted in raw and not in the listing. stale: the updatedAt of listed
    records that raw does not have with that updatedAt. live: number of ids not deleted in raw.
    """

    absent: list[int]
    stale: list[datetime | None]
    live: int


def source_times(raw: RawFile, resource: str, organization_id: int) -> dict[int, datetime | None]:
    """Ids of a list that are not deleted, with their updatedAt."""
    with raw.transaction() as connection:
        return dict(
            connection.execute(
                f"select id, source_updated_at from ({_newest(resource)}) where {LIVE}",
                {"organization": organization_id},
            ).fetchall()
        )


def compare(
    raw: RawFile, resource: str, organization_id: int, listing: Spool, marks: Sequence[str] = ()
) -> Comparison:
    """Compare a complete listing with the ids that are not deleted in raw.

    marks: fields that move without updatedAt; a record is stale too if one of them differs.
    """
    with raw.transaction() as connection:
        _read_spool(connection, listing)
        _read_known(connection, resource, organization_id, listing)
        connection.execute(_moved(resource, listing, marks))
        absent = connection.execute(f"{ABSENT} order by id").fetchall()
        stale = connection.execute(
            "select distinct listed.updated_at from listed left join known"
            f" on listed.id = known.id and {LIVE} where known.id is null"
            " or known.source_updated_at is distinct from listed.updated_at"
            " or listed.id in (select id from moved) order by 1"
        ).fetchall()
        (live,) = one_row(connection, f"select count(*) from known where {LIVE}")
    return Comparison([row[0] for row in absent], [row[0] for row in stale], live)


def _moved(resource: str, listing: Spool, marks: Sequence[str]) -> str:
    """Creates `moved`: ids of records of which a mark differs from the listed one."""
    if not marks:
        return "create temp table moved as select id from known where false"
    text = "case when json_valid(payload) then payload->>'$.{mark}' end as {mark}"
    sent = ", ".join(text.format(mark=mark) for mark in marks)
    held = ", ".join(f"payload->>'$.{mark}' as {mark}" for mark in marks)
    differ = " or ".join(f"sent.{mark} is distinct from held.{mark}" for mark in marks)
    lines = _lines(listing.records, SPOOL_COLUMNS, listing.longest)
    return (
        "create temp table moved as select listed.id from listed"
        f" join (select line, {sent} from {lines})"
        " as sent using (line)"
        f" join (select id, {held} from raw.{resource} join known using (id, _extracted_at))"
        f" as held on listed.id = held.id where {differ}"
    )


def land(  # noqa: PLR0913
    raw: RawFile,
    outcome: Outcome,
    spool: Spool,
    gone: list[int] | None,
    ceiling: datetime,
    *,
    also: Callable[[duckdb.DuckDBPyConnection], None] = lambda _: None,
) -> bool:
    """Load what a read collected in one transaction: new and changed records, deletions (`gone`),
    rejects and the row in the run log. Fills in `outcome`.

    gone: None for a complete listing that nobody has compared yet; where it lacks ids that are
    live here, nothing is written and False comes back. An id that was read is not deleted. ceiling:
    an updatedAt beyond it is a typing error, not a time to ask from. also: called at the end of
    the transaction.

    What a resumed walk read before another one loaded a newer row of the same id is left out, but
    for rows from the future, which a clock that was ahead has left.
    """
    resource, organization_id = outcome.resource, outcome.organization_id
    with raw.transaction() as connection:
        floor = _floor(connection, resource)
        moment = max(now(), floor or now())
        invalid = _read_spool(connection, spool)
        _read_known(connection, resource, organization_id, spool)
        if gone is None and connection.execute(ABSENT).fetchone():
            return False
        connection.execute(
            "create temp table wanted as select listed.line, listed.id, known._content_hash,"
            " known._extracted_at, known.id is null or known._operation = 'delete' as is_new"
            " from listed left join known using (id)"
            " where (is_new or known._content_hash is distinct from listed.quick_hash)"
            " and (known.id is null or not $resumed or known._extracted_at <= listed.read_at"
            " or known._extracted_at > $moment)",
            {"resumed": spool.resumed, "moment": now()},
        )
        _drop_alike(connection, resource, organization_id, spool)
        outcome.inserted, outcome.updated, listed = one_row(
            connection,
            "select count(*) filter (is_new), count(*) filter (not is_new),"
            " (select count(*) from listed) from wanted",
        )
        outcome.unchanged = listed - outcome.inserted - outcome.updated
        if outcome.inserted or outcome.updated:
            connection.execute(
                f"insert into raw.{resource}"
                f" select $organization, id, payload, {UPDATED_AT}, 'upsert', quick_hash,"
                " greatest($floor::timestamp, least($moment, read_at)), $run"
                f" from {_lines(spool.records, SPOOL_COLUMNS, spool.longest)}"
                " where line in (select line from wanted)",
                {
                    "organization": organization_id,
                    "floor": floor,
                    "moment": moment,
                    "run": outcome.run_id,
                },
            )
        if gone:
            (outcome.deleted,) = one_row(
                connection,
                f"insert into raw.{resource}"
                " select ?, id, null, null, 'delete', null, ?, ? from known"
                f" where {LIVE} and id in (select unnest(?::bigint[]))"
                " and id not in (select id from listed)",
                [organization_id, moment, outcome.run_id, gone],
            )
        # Where a resumed read met newer rows, the list may not hold what its pages held.
        was_written = spool.resumed and floor is not None and floor > spool.started_at
        if spool.known is not None and not (was_written or spool.walk.moved):
            remember(connection, resource, organization_id, spool.pages, spool.repeated)
        _land_rejects(connection, outcome, spool, moment, invalid)
        if outcome.walk not in PARTIAL_WALKS:
            (outcome.watermark_to,) = one_row(
                connection,
                "select min(moment) from (select max(updated_at) as moment from listed"
                " where updated_at <= $ceiling union all select $untold_since::timestamp"
                " where $untold_since::timestamp <= $ceiling)",
                {"ceiling": ceiling, "untold_since": spool.untold_since},
            )
        also(connection)
        record(connection, outcome)
    return True


def delete_all(connection: duckdb.DuckDBPyConnection, outcome: Outcome) -> None:
    """Mark every record of a list of one organization as deleted; fills in `outcome`."""
    floor = _floor(connection, outcome.resource)
    connection.execute(
        f"create or replace temp table known as {_newest(outcome.resource)}",
        {"organization": outcome.organization_id},
    )
    (outcome.deleted,) = one_row(
        connection,
        f"insert into raw.{outcome.resource}"
        f" select ?, id, null, null, 'delete', null, ?, ? from known where {LIVE}",
        [outcome.organization_id, max(now(), floor or now()), outcome.run_id],
    )


def put_manifest(raw: RawFile, outcome: Outcome, listing: Spool) -> None:
    """Replace the manifest of a list, the records that MaintainX last listed, by `listing`."""
    place = [outcome.organization_id, outcome.resource]
    with raw.transaction() as connection:
        read_at = now()
        _read_spool(connection, listing)
        connection.execute(
            "delete from raw._source_manifest where organization_id = ? and resource = ?",
            place,
        )
        connection.execute(
            "insert into raw._source_manifest"
            f" select ?, ?, ?, id, payload, {UPDATED_AT}, ?"
            f" from {_lines(listing.records, SPOOL_COLUMNS, listing.longest)}"
            " where line in (select line from listed)",
            [outcome.run_id, *place, read_at],
        )
        record_reading(connection, outcome)


def _newest(resource: str) -> str:
    """The newest row of each id of one organization, without its payload."""
    return (
        "select id, _operation, _content_hash, source_updated_at, _extracted_at"
        f" from raw.{resource} join (select id, max(_extracted_at) as _extracted_at"
        f" from raw.{resource} where organization_id = $organization group by id)"
        " using (id, _extracted_at) where organization_id = $organization"
    )


def _lines(path: Path, columns: str, longest: int) -> str:
    """A spool file as a table. DuckDB's buffer has to hold the longest line twice."""
    name = str(path).replace("'", "''")
    line = longest + 1
    buffer = max(SMALLEST_BUFFER, 2 * line)
    return (
        f"read_csv('{name}', columns = {columns}, {FILE_OPTIONS},"
        f" max_line_size = {line}, buffer_size = {buffer})"
    )


def _read_spool(connection: duckdb.DuckDBPyConnection, spool: Spool) -> int:
    """Create the temporary table `listed`, the last valid line of each id; return the number of
    invalid lines. DuckDB takes all JSON that msgspec takes."""
    connection.execute(f"set memory_limit = '{MEMORY_MB + spool.longest * 8 // 1_000_000}MB'")
    valid = "json_valid(payload)" if spool.odd else "true"
    connection.execute(
        "create temp table spooled as"
        f" select line, page, id, {UPDATED_AT} as updated_at, read_at, quick_hash,"
        f" {valid} as is_json"
        f" from {_lines(spool.records, SPOOL_COLUMNS, spool.longest)}"
    )
    connection.execute(
        "create temp table listed as select id, line, updated_at, read_at, quick_hash"
        " from spooled"
        " where line in (select max(line) from spooled where is_json group by id)"
    )
    return int(one_row(connection, "select count(*) from spooled where not is_json")[0])


def _read_known(
    connection: duckdb.DuckDBPyConnection, resource: str, organization_id: int, spool: Spool
) -> None:
    """Create the temporary table `known`, and add to `listed` what came again as it is known."""
    connection.execute(
        f"create temp table known as {_newest(resource)}", {"organization": organization_id}
    )
    list_repeated(connection, resource, organization_id, spool.repeated)


def _drop_alike(
    connection: duckdb.DuckDBPyConnection, resource: str, organization_id: int, spool: Spool
) -> None:
    """Remove from `wanted` what has another quick hash than its newest row and the same content.

    That row's hash may be a content hash, as in all rows of earlier releases, which its text does
    not have to be read for.
    """
    connection.execute(
        "create temp table differing as"
        " select row_number() over () - 1 as number, line, id, _content_hash, _extracted_at"
        " from wanted where not is_new"
    )
    (count,) = one_row(connection, "select count(*) from differing")
    if not count:
        return
    hashes = bytearray(DIGEST * count)
    alike: list[int] = []
    found = connection.execute(
        "select number, line, _content_hash, payload"
        f" from {_lines(spool.records, SPOOL_COLUMNS, spool.longest)} join differing using (line)"
    )
    while rows := found.fetchmany(BATCH):
        for number, line, known_hash, text in rows:
            found_hash = content_hash(text)
            hashes[number * DIGEST : (number + 1) * DIGEST] = bytes.fromhex(found_hash)
            if found_hash == known_hash:
                alike.append(line)
    found = connection.execute(
        f"select number, line, payload from raw.{resource}"
        " join differing using (id, _extracted_at)"
        " where organization_id = ? and line not in (select unnest(?::bigint[]))",
        [organization_id, alike],
    )
    while rows := found.fetchmany(BATCH):
        alike += [
            line
            for number, line, text in rows
            if bytes.fromhex(content_hash(text)) == hashes[number * DIGEST : (number + 1) * DIGEST]
        ]
    connection.execute("delete from wanted where line in (select unnest(?::bigint[]))", [alike])


def _floor(connection: duckdb.DuckDBPyConnection, resource: str) -> datetime | None:
    """Just after the table's newest row, which a clock that was ahead may have put beyond now."""
    (floor,) = one_row(
        connection,
        f"select max(_extracted_at) + interval 1 microsecond from raw.{resource}",
    )
    return cast("datetime | None", floor)


def _land_rejects(
    connection: duckdb.DuckDBPyConnection,
    outcome: Outcome,
    spool: Spool,
    moment: datetime,
    invalid: int,
) -> None:
    """Insert each invalid record, and each that DuckDB cannot read, into `raw._rejects` once.

    Only what is new there is an error of the run: a scheduler hears of a bad record of MaintainX
    once, and status and trust tell it until a full refresh no longer meets it.
    """
    if not invalid and not spool.rejects.stat().st_size:
        return
    connection.execute(
        "create temp table rejected as select content_hash, reason, record"
        f" from {_lines(spool.rejects, REJECT_COLUMNS, spool.longest)}"
    )
    if invalid:
        connection.execute(
            f"insert into rejected select quick_hash, ?, payload"
            f" from {_lines(spool.records, SPOOL_COLUMNS, spool.longest)}"
            " where line in (select line from spooled where not is_json)",
            [NO_JSON],
        )
    outcome.rejected, reason = one_row(
        connection, "select count(distinct content_hash), any_value(reason) from rejected"
    )
    (new,) = one_row(
        connection,
        "insert into raw._rejects"
        " select ?, ?, any_value(reason), any_value(record), content_hash, ?, ? from rejected"
        " where content_hash not in (select _content_hash from raw._rejects"
        " where organization_id = ? and resource = ?) group by content_hash",
        [
            outcome.organization_id,
            outcome.resource,
            moment,
            outcome.run_id,
            outcome.organization_id,
            outcome.resource,
        ],
    )
    if new:
        outcome.note(f"{new} record(s) were rejected and stand in raw._rejects, such as: {reason}")
