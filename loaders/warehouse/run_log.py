"""The run log, in `raw`: runs, their walks of lists, rejects, readings of the source."""

from dataclasses import asdict, dataclass, field
from datetime import datetime

import duckdb

from loaders.maintainx.catalogue import CATALOGUE
from loaders.warehouse.file import Warehouse, now

RAW_TABLE = """
create table if not exists raw.{name} (
    organization_id bigint not null,
    id bigint not null,
    payload json,
    source_updated_at timestamp,
    _operation varchar not null,
    _content_hash varchar,
    _extracted_at timestamp not null,
    _run_id varchar not null
)
"""

LOG_TABLES = """
create table if not exists raw._runs (
    run_id varchar not null,
    command varchar not null,
    state varchar not null,
    started_at timestamp not null,
    ended_at timestamp,
    requests bigint,
    error varchar
);
create table if not exists raw._run_resources (
    run_id varchar not null,
    organization_id bigint,
    resource varchar not null,
    walk varchar not null,
    state varchar not null,
    watermark_from timestamp,
    watermark_to timestamp,
    requests bigint not null,
    records_read bigint not null,
    inserted bigint not null,
    updated bigint not null,
    unchanged bigint not null,
    deleted bigint not null,
    rejected bigint not null,
    started_at timestamp not null,
    ended_at timestamp not null,
    seconds double not null,
    error varchar
);
create table if not exists raw._rejects (
    organization_id bigint,
    resource varchar not null,
    reason varchar not null,
    record varchar not null,
    _content_hash varchar not null,
    _extracted_at timestamp not null,
    _run_id varchar not null
);
create table if not exists raw._source_manifest (
    run_id varchar not null,
    organization_id bigint not null,
    resource varchar not null,
    id bigint not null,
    payload json not null,
    source_updated_at timestamp,
    read_at timestamp not null
);
create table if not exists raw._reconciliations (
    run_id varchar not null,
    organization_id bigint not null,
    resource varchar not null,
    state varchar not null,
    records_read bigint not null,
    started_at timestamp not null,
    ended_at timestamp not null,
    watermark timestamp
);
"""


@dataclass
class Outcome:
    """A row of `raw._run_resources`: what became of one walk of one list of one organization.

    state: done; failed; forbidden (403, not on this plan); refused (more deletions than allowed);
    stopped. Watermarks are UTC, `seconds` is wall time, counts are records.
    """

    run_id: str
    organization_id: int
    resource: str
    walk: str
    started_at: datetime
    state: str = "done"
    watermark_from: datetime | None = None
    watermark_to: datetime | None = None
    requests: int = 0
    records_read: int = 0
    inserted: int = 0
    updated: int = 0
    unchanged: int = 0
    deleted: int = 0
    rejected: int = 0
    ended_at: datetime | None = None
    seconds: float = 0.0
    error: str | None = None


@dataclass(frozen=True)
class Known:
    """What the warehouse knows of one list of one organization before a run.

    watermark: the greatest updatedAt read so far. ended: when each walk last ended, by its name.
    """

    watermark: datetime | None = None
    ended: dict[str, datetime] = field(default_factory=dict)


def prepare(warehouse: Warehouse) -> None:
    """Make every raw table that is missing and close the log of runs that died."""
    with warehouse.transaction() as connection:
        connection.execute("create schema if not exists raw")
        connection.execute(LOG_TABLES)
        for name in CATALOGUE:
            connection.execute(RAW_TABLE.format(name=name))
        connection.execute(
            "update raw._runs set state = 'failed', ended_at = started_at,"
            " error = 'the process died before its end' where state = 'running'"
        )


def begin_run(warehouse: Warehouse, run_id: str, command: str) -> None:
    """Log the start of a run."""
    with warehouse.transaction() as connection:
        connection.execute(
            "insert into raw._runs values (?, ?, 'running', ?, null, null, null)",
            [run_id, command, now()],
        )


def end_run(
    warehouse: Warehouse, run_id: str, state: str, requests: int, error: str | None
) -> None:
    """Log the end of a run: done, partial, failed or stopped."""
    with warehouse.transaction() as connection:
        connection.execute(
            "update raw._runs set state = ?, ended_at = ?, requests = ?, error = ?"
            " where run_id = ?",
            [state, now(), requests, error, run_id],
        )


def known(warehouse: Warehouse) -> dict[tuple[str, int], Known]:
    """What earlier runs learnt, by list and organization; nothing of a list never read."""
    with warehouse.transaction() as connection:
        rows = connection.execute(
            "select resource, organization_id, max(max(watermark_to))"
            " over (partition by resource, organization_id), walk, max(ended_at)"
            " from raw._run_resources where state in ('done', 'refused')"
            " group by resource, organization_id, walk"
        ).fetchall()
    known: dict[tuple[str, int], Known] = {}
    for resource, organization_id, watermark, walk, ended_at in rows:
        lists = known.setdefault((resource, organization_id), Known(watermark))
        lists.ended[walk] = ended_at
    return known


def log_reading(warehouse: Warehouse, outcome: Outcome) -> None:
    """Log a reading that failed; the manifest of an earlier one stays."""
    with warehouse.transaction() as connection:
        record_reading(connection, outcome)


def log_failure(warehouse: Warehouse, outcome: Outcome) -> None:
    """Write a walk that landed nothing into the run log."""
    with warehouse.transaction() as connection:
        record(connection, outcome)


def record_reading(connection: duckdb.DuckDBPyConnection, outcome: Outcome) -> None:
    connection.execute(
        "insert into raw._reconciliations values (?, ?, ?, ?, ?, ?, ?, ?)",
        [
            outcome.run_id,
            outcome.organization_id,
            outcome.resource,
            outcome.state,
            outcome.records_read,
            outcome.started_at,
            now(),
            outcome.watermark_from,
        ],
    )


def record(connection: duckdb.DuckDBPyConnection, outcome: Outcome) -> None:
    outcome.ended_at = now()
    outcome.seconds = max(0.0, (outcome.ended_at - outcome.started_at).total_seconds())
    row = asdict(outcome)
    connection.execute(
        f"insert into raw._run_resources ({', '.join(row)}) values ({', '.join('?' for _ in row)})",
        list(row.values()),
    )
