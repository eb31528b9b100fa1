"""The status of the last run and of each list, from the run log."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

from loaders.errors import NoDataError
from loaders.maintainx.catalogue import CATALOGUE, DETAILS, TABLES, Strategy
from loaders.warehouse import details, lock
from loaders.warehouse.file import now, one_row, raw_path, reading, version
from loaders.warehouse.schema import MIGRATIONS

# `retire` reads nothing, and `demo` logs the time of its data.
LAST_RUN = """
select command, state, started_at, ended_at, error
from raw._runs
where state not in ('retired', 'demo')
order by started_at > ?, started_at desc
limit 1
"""
# Where a clock was ahead, they would be the newest for years.
READS_AHEAD = """
select resource, organization_id, count(*) from raw._run_resources where ended_at > ? group by all
"""
# A list is partial if the newest run could not read all of its records, or if records were rejected
# since the newest full refresh.
NEWEST_WALKS = """
with

walks as (

    select
        *,
        arg_max(run_id, ended_at) over list as newest_run_id,
        arg_max(state, ended_at) over (partition by organization_id) = 'unseen' as is_unseen,
        max(ended_at) filter (state in ('done', 'refused') and walk = 'whole') over list
            as last_whole
    from raw._run_resources
    where ended_at <= ?
    window list as (partition by resource, organization_id)

),

lists as (

    select
        resource,
        organization_id,
        max(ended_at) filter (state = 'done') as last_success,
        max(last_whole) as last_whole,
        max(watermark_to) as watermark,
        if(any_value(is_unseen), 'unseen', arg_max(state, ended_at)) as last_state,
        arg_max(error, ended_at) filter (run_id = newest_run_id) as last_error,
        sum(deleted) as deletions,
        max(rejected) filter (ended_at >= coalesce(last_whole, ended_at)) as rejected
    from walks
    group by resource, organization_id

)

select
    * exclude (rejected) replace (
        case
            when last_state = 'done' and (last_error is not null or rejected > 0) then 'partial'
            else last_state
        end as last_state,
        coalesce(
            last_error,
            case when rejected > 0 then rejected || ' record(s) were rejected: see raw._rejects' end
        ) as last_error
    )
from lists
"""


@dataclass(frozen=True)
class ListStatus:
    """One list of one organization. Times are UTC.

    last_state: of the newest read; partial if it loaded but records are missing or rejected; unseen
    if the key no longer sees the organization; ahead if every read ended in the future.

    rows: records in raw that are not deleted. lag_hours: how long ago the last success was.
    next_due: when `--due` reads it again; None where every run asks it for changes. deletions,
    rejects: since the start. reads_ahead: reads that ended in the future, as a clock was ahead;
    they do not count. details_read: of details, how many of details_total records are read and not
    due again; None of a list.
    """

    resource: str
    organization_id: int
    last_state: str
    last_success: datetime | None
    watermark: datetime | None
    lag_hours: float | None
    next_due: datetime | None
    rows: int
    deletions: int
    rejects: int
    reads_ahead: int
    last_error: str | None
    details_read: int | None = None
    details_total: int | None = None


@dataclass(frozen=True)
class Run:
    """The newest run. state: as in `raw._runs`, or killed. Times are UTC."""

    command: str
    state: str
    started_at: datetime
    ended_at: datetime | None
    error: str | None


def last_run(connection: duckdb.DuckDBPyConnection, warehouse: Path) -> Run | None:
    """The newest run of the raw file; None before the first. Raises NoDataError without a log."""
    try:
        row = connection.execute(LAST_RUN, [now()]).fetchone()
    except duckdb.CatalogException:
        raise NoDataError(
            f"{raw_path(warehouse)} holds no run log: run `make extract` first"
        ) from None
    run = Run(*row) if row else None
    if run and run.state == "running" and not lock.is_held(warehouse):
        return replace(run, state="killed", error="the process died before its end")
    return run


def refuse_empty(connection: duckdb.DuckDBPyConnection, warehouse: Path) -> None:
    """Raises NoDataError when no run of the attached raw file has read anything yet."""
    (runs,) = one_row(
        connection, "select count(*) from raw._runs where state in ('done', 'partial')"
    )
    if runs:
        return
    run = last_run(connection, warehouse)
    last = f" (the last run is {run.state}: {run.error})" if run and run.error else ""
    raise NoDataError(f"nothing has been extracted yet{last}: run `make extract` first")


def read(warehouse: Path) -> tuple[Run | None, list[ListStatus]]:
    """The newest run, and the status of every list that was ever read, in catalogue order.

    Raises NoDataError when there is no raw file, no run log in it, or no list was ever read.
    """
    with reading(warehouse, "raw") as connection:
        run = last_run(connection, warehouse)
        walks = connection.execute(NEWEST_WALKS, [now()]).fetchall()
        ahead = _counts(connection, READS_AHEAD, now())
        for place in set(ahead) - {walk[:2] for walk in walks}:
            walks.append((*place, None, None, None, "ahead", None, 0))
        told = {walk[:2] for walk in walks}
        # The file of an earlier release has no details until the next extract.
        has_details = version(connection) == len(MIGRATIONS)
        reaches = {
            (detail.name, organization): details.reach(connection, detail, organization)
            for detail in (DETAILS.values() if has_details else ())
            for parent, organization in sorted(told)
            if parent == detail.parent
        }
        walks += [
            (*place, None, None, None, "waiting", None, 0)
            for place, (_, total) in reaches.items()
            if total and place not in told
        ]
        if not walks and not (run and run.state == "running"):
            refuse_empty(connection, warehouse)
        rejects = _counts(
            connection, "select resource, organization_id, count(*) from raw._rejects group by all"
        )
        rows = {
            (name, organization): count
            for name in {walk[0] for walk in walks} & set(TABLES)
            for (organization, count) in connection.execute(
                "select organization_id, count(*) filter (operation = 'upsert') from (select"
                " organization_id, arg_max(_operation, _extracted_at) as operation"
                f" from raw.{name} group by organization_id, id) group by organization_id"
            ).fetchall()
        }
    found = [_status(walk, rows, rejects, ahead, reaches) for walk in walks if walk[0] in TABLES]
    return run, sorted(found, key=lambda one: (TABLES.index(one.resource), one.organization_id))


def _counts(
    connection: duckdb.DuckDBPyConnection, query: str, *parameters: object
) -> dict[tuple[str, int], int]:
    rows = connection.execute(query, parameters).fetchall()
    return {(row[0], row[1]): row[2] for row in rows}


def _status(
    walk: tuple[Any, ...],
    rows: dict[tuple[str, int], int],
    rejects: dict[tuple[str, int], int],
    ahead: dict[tuple[str, int], int],
    reaches: dict[tuple[str, int], tuple[int, int]],
) -> ListStatus:
    name, organization, last_success, last_whole, watermark, state, error, deletions = walk
    resource = CATALOGUE.get(name)
    whole_list = resource is not None and resource.strategy is Strategy.WHOLE_LIST
    read, total = reaches.get((name, organization), (None, None))
    age: timedelta | None = now() - last_success if last_success else None
    return ListStatus(
        name,
        organization,
        state,
        last_success,
        watermark,
        round(age.total_seconds() / 3600, 2) if age else None,
        last_whole + resource.interval if resource and whole_list and last_whole else None,
        rows.get((name, organization), 0),
        int(deletions or 0),
        rejects.get((name, organization), 0),
        ahead.get((name, organization), 0),
        error,
        read,
        total,
    )
