"""Details of records: which parents are due, and as of which mark each was read."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import duckdb

from loaders.maintainx.catalogue import Detail
from loaders.warehouse.file import RawFile, now

UPDATED_AT = "updatedAt"
PLACE = "organization_id = $organization and resource = $resource"


@dataclass(frozen=True)
class Backlog:
    """The parents of one kind of details in one organization.

    due: ids of parents to read, the newest mark first. total: parents that have or had a mark; all
    if there is none. gone: parents whose details are in raw, but which are deleted themselves.
    """

    due: list[int]
    total: int
    gone: list[int]


def backlogs(raw: RawFile, places: Iterable[tuple[Detail, int]], *, anew: bool) -> list[Backlog]:
    """What is due now, by kind of details and organization. anew: forget what was read before."""
    with raw.transaction() as connection:
        found = []
        for detail, organization_id in places:
            if anew:
                connection.execute(
                    f"delete from raw._detail_reads where {PLACE}",
                    {"organization": organization_id, "resource": detail.name},
                )
            found.append(_backlog(connection, detail, organization_id))
        return found


def has_rows(raw: RawFile, detail: Detail, organization_id: int) -> bool:
    """Whether raw has any answer of this kind."""
    with raw.transaction() as connection:
        found = connection.execute(
            f"select 1 from raw.{detail.name} where organization_id = ? limit 1", [organization_id]
        ).fetchall()
    return bool(found)


def reach(
    connection: duckdb.DuckDBPyConnection, detail: Detail, organization_id: int
) -> tuple[int, int]:
    """How many parents are read and not due again, and of how many."""
    found = _backlog(connection, detail, organization_id)
    return found.total - len(found.due), found.total


def put_marks(
    connection: duckdb.DuckDBPyConnection, detail: Detail, organization_id: int, ids: list[int]
) -> None:
    """Note that `ids` were read as of their marks in raw; forget parents that are deleted.

    The answers are younger than these marks: details are read after the lists.
    """
    place = {"organization": organization_id, "resource": detail.name}
    marks = f"create or replace temp table marks as {_marks(detail)}"
    connection.execute(marks, {"organization": organization_id})
    connection.execute(
        f"delete from raw._detail_reads where {PLACE}"
        " and (id in (select unnest($ids::bigint[])) or id not in (select id from marks))",
        place | {"ids": ids},
    )
    connection.execute(
        "insert into raw._detail_reads select $organization, $resource, id, mark, $now from marks"
        " where id in (select unnest($ids::bigint[]))",
        place | {"ids": ids, "now": now()},
    )


def _backlog(
    connection: duckdb.DuckDBPyConnection, detail: Detail, organization_id: int
) -> Backlog:
    place: dict[str, Any] = {"organization": organization_id}
    was_read = "reads.id is not null"
    is_due = "marks.mark is distinct from reads.mark" if detail.mark else f"not {was_read}"
    is_asked = f"marks.mark is not null or {was_read}" if detail.mark else "true"
    if detail.interval is not None:
        # Beyond now, a clock was ahead.
        is_due = f"({is_due} or {was_read} and read_at not between $due_from and $now)"
        place |= {"due_from": now() - detail.interval, "now": now()}
    recent = ""
    if detail.recent is not None:
        newest = "max(try_cast(marks.mark as timestamp)) over ()"
        recent = f"qualify try_cast(marks.mark as timestamp) >= {newest} - $recent::interval"
        place |= {"recent": detail.recent}
    rows = connection.execute(
        f"select id, {is_due} as is_due from ({_marks(detail)}) as marks left join"
        f" (select * from raw._detail_reads where {PLACE}) as reads using (id)"
        f" where {is_asked} {recent}"
        " order by marks.mark desc nulls last, read_at nulls first, id desc",
        place | {"resource": detail.name},
    ).fetchall()
    gone = connection.execute(
        f"select id from ({_newest(detail.name)}) where id not in"
        f" (select id from ({_newest(detail.parent)})) order by id",
        {"organization": organization_id},
    ).fetchall()
    return Backlog([row[0] for row in rows if row[1]], len(rows), [row[0] for row in gone])


def _newest(table: str, columns: str = "") -> str:
    """Records of one organization that are not deleted; `columns` of them beside their ids."""
    return (
        f"select id{columns} from raw.{table} join (select id, max(_extracted_at) as _extracted_at"
        f" from raw.{table} where organization_id = $organization group by id)"
        " using (id, _extracted_at)"
        " where organization_id = $organization and _operation = 'upsert'"
    )


def _marks(detail: Detail) -> str:
    """The parents that are not deleted, each with its mark."""
    if detail.mark is None:
        return _newest(detail.parent, ", null::varchar as mark")
    is_column = detail.mark == UPDATED_AT
    mark = "source_updated_at::varchar" if is_column else f"payload->>'$.{detail.mark}'"
    parents = _newest(detail.parent, f", {mark} as mark")
    if detail.named_in is None:
        return parents
    named = f", unnest(json_extract(payload, '$.{detail.collection}[*].id')) as named_id"
    return (
        "select id, concat_ws(' ', mark, moved_at::varchar) as mark"
        f" from ({parents}) left join ("
        "select answers.id, max(source_updated_at) as moved_at"
        f" from ({_newest(detail.name, named)}) as answers"
        f" join ({_newest(detail.named_in, ', source_updated_at')}) as records"
        " on try_cast(named_id as bigint) = records.id group by answers.id"
        ") using (id)"
    )
