"""The run log in the raw file: runs, the reads of each list, rejects, reconciliations."""

from dataclasses import asdict

import duckdb

from loaders.warehouse.file import RawFile, now
from loaders.warehouse.outcome import Known, Outcome


def begin_run(raw: RawFile, run_id: str, command: str) -> dict[tuple[str, int], Known]:
    """Log the start of a run. Gives what earlier runs learnt, as `known`."""
    with raw.transaction() as connection:
        learnt = _known(connection)
        connection.execute(
            "insert into raw._runs values (?, ?, 'running', ?, null, null, null)",
            [run_id, command, now()],
        )
    return learnt


def end_run(raw: RawFile, run_id: str, state: str, requests: int, error: str | None) -> None:
    """Log the end of a run: done, partial, failed or stopped."""
    with raw.transaction() as connection:
        connection.execute(
            "update raw._runs set state = ?, ended_at = ?, requests = ?, error = ?"
            " where run_id = ?",
            [state, now(), requests, error, run_id],
        )


def known(raw: RawFile) -> dict[tuple[str, int], Known]:
    """What earlier runs learnt, by list and organization; nothing of a list never read or retired.

    Ends in the future (a clock was ahead) and watermarks of implausible years are ignored.
    """
    with raw.transaction() as connection:
        return _known(connection)


def _known(connection: duckdb.DuckDBPyConnection) -> dict[tuple[str, int], Known]:
    rows = connection.execute(
        "select resource, organization_id, max(max(watermark_to) filter"
        " (watermark_to between '1970-01-01' and '2199-12-31')) over"
        " (partition by resource, organization_id), walk,"
        " max(ended_at) filter (ended_at <= ?)"
        " from raw._run_resources as reads where state in ('done', 'refused')"
        " and not exists (select 1 from raw._run_resources as later"
        " where later.state = 'retired' and later.resource = reads.resource"
        " and later.organization_id = reads.organization_id"
        " and later.ended_at >= reads.ended_at)"
        " group by resource, organization_id, walk",
        [now()],
    ).fetchall()
    known: dict[tuple[str, int], Known] = {}
    for resource, organization_id, watermark, walk, ended_at in rows:
        lists = known.setdefault((resource, organization_id), Known(watermark))
        if ended_at is not None:
            lists.ended[walk] = ended_at
    return known


def log_reading(raw: RawFile, outcome: Outcome) -> None:
    """Log a failed reading of the source; the manifest of an earlier reading stays."""
    with raw.transaction() as connection:
        record_reading(connection, outcome)


def log_failure(raw: RawFile, outcome: Outcome) -> None:
    """Log a read that loaded nothing."""
    with raw.transaction() as connection:
        record(connection, outcome)


def log_idle(raw: RawFile, outcomes: list[Outcome]) -> None:
    """Log reads for which nothing was due."""
    if outcomes:
        with raw.transaction() as connection:
            for outcome in outcomes:
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
