"""The raw tables and the run log. Knows DuckDB, knows no HTTP.

Every table `raw.<list>` is an append-only log: a row where a record is new, differs from the newest
row of its id, or is proved gone. `_extracted_at` grows strictly within a table, so the newest row
of an id is the one with the greatest. All times are UTC TIMESTAMPs.
"""

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import duckdb

from loaders import undo
from loaders.errors import LoaderError, WarehouseHeldError
from loaders.resources import CATALOGUE
from loaders.spool import Spool

log = logging.getLogger(__name__)

HELD_PATIENCE = 30.0
# What a million records need; a record of many megabytes is given room of its own.
MEMORY_MB = 128
# What a million rows of the widest mart need to be put in order.
READING_MB = 160
PARTIAL_WALKS = ("labour", "sweep", "mend")

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

SPOOL_COLUMNS = (
    "{'line': 'bigint', 'id': 'bigint', 'updated_at': 'timestamp', 'content_hash': 'varchar',"
    " 'payload': 'varchar'}"
)
REJECT_COLUMNS = "{'content_hash': 'varchar', 'reason': 'varchar', 'record': 'varchar'}"
FILE_OPTIONS = (
    "auto_detect = false, header = false, delim = '\\t', quote = '', escape = '', new_line = '\\n'"
)
LIVE = "_operation = 'upsert'"
ABSENT = f"select id from known where {LIVE} and id not in (select id from listed)"
SMALLEST_BUFFER = 4_000_000
NO_JSON = "DuckDB cannot read the record as JSON (a lone surrogate, NaN)"


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


@dataclass(frozen=True)
class Comparison:
    """A listing against the warehouse.

    absent: ids that are live here and not in the listing. stale: the updatedAt of records that are
    listed and not known here with that updatedAt. live: how many are live here.
    """

    absent: list[int]
    stale: list[datetime | None]
    live: int


def now() -> datetime:
    """This machine's time in UTC, without zone, as the log tables hold it."""
    return datetime.now(UTC).replace(tzinfo=None)


@dataclass(frozen=True)
class _Opened:
    """The warehouse, open; `files` closes it and what keeps it safe."""

    database: duckdb.DuckDBPyConnection
    kept: undo.Undo | None
    files: ExitStack


@dataclass
class Warehouse:
    """The DuckDB file, opened only for as long as transactions take, so that readers get in.

    A transaction hands the open file on to the next that waits for it: to open and close it takes
    longer than to land a small list.

    Raises WarehouseHeldError when another program keeps it open for longer than `patience` seconds,
    LoaderError when the file cannot be used at all.
    """

    path: Path
    patience: float = HELD_PATIENCE
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _counting: threading.Lock = field(default_factory=threading.Lock)
    _waiting: int = 0
    _opened: _Opened | None = None

    @contextmanager
    def transaction(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection inside a transaction that is committed at the end, rolled back on error."""
        with self._turn() as opened:
            try:
                with opened.database.cursor() as connection:
                    connection.execute("set TimeZone = 'UTC'; set preserve_insertion_order = false")
                    if opened.kept is not None:
                        opened.kept.keep(connection)
                    connection.execute("begin")
                    yield connection
                    connection.execute("commit")
            except duckdb.Error as error:
                raise LoaderError(
                    f"{self.path} could not be written: {first_line(error)};"
                    " free disk space or mend the file, then run again (nothing is lost)"
                ) from None

    @contextmanager
    def _turn(self) -> Iterator[_Opened]:
        """The file, by oneself; left open where another thread waits and nothing went wrong."""
        with self._counting:
            self._waiting += 1
        with self._lock:
            with self._counting:
                self._waiting -= 1
            opened, self._opened = self._opened or self._open(), None
            try:
                yield opened
                if self._waiting:
                    self._opened = opened
            finally:
                if self._opened is None:
                    opened.files.close()

    def _open(self) -> _Opened:
        with ExitStack() as files:
            kept = files.enter_context(undo.guarded(self.path))
            database = files.enter_context(closing(self._connect(kept)))
            return _Opened(database, kept, files.pop_all())

    @contextmanager
    def reading(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection that reads the warehouse, beside others who do; rows keep their order."""
        if not self.path.exists():
            raise LoaderError(f"there is no {self.path} yet: run `make extract build` first")
        with (
            self._lock,
            undo.guarded(self.path) as kept,
            closing(self._connect(kept, read_only=True)) as connection,
        ):
            connection.execute("set TimeZone = 'UTC'")
            yield connection

    def _connect(
        self, kept: undo.Undo | None, read_only: bool = False
    ) -> duckdb.DuckDBPyConnection:
        deadline = time.monotonic() + self.patience
        told = False
        while True:
            try:
                self.path.parent.mkdir(parents=True, exist_ok=True)
                if kept is not None and kept.put_back():
                    log.warning(
                        "%s was left in the middle of a checkpoint; its last state is back",
                        self.path,
                    )
                connection = duckdb.connect(
                    ":memory:" if read_only else str(self.path),
                    config={
                        "threads": 1,
                        "memory_limit": f"{READING_MB if read_only else MEMORY_MB}MB",
                    },
                )
                if read_only:
                    path = str(self.path).replace("'", "''")
                    connection.execute(f"attach '{path}' as warehouse (read_only); use warehouse")
                return connection
            except (duckdb.IOException, duckdb.ConnectionException, OSError) as error:
                message = first_line(error)
                if "Corrupt" in message:
                    raise LoaderError(
                        f"{self.path} is damaged: {message}; put back a copy of it, or move it"
                        " away and run again, which reads everything anew"
                    ) from None
                if "set lock" not in message:
                    raise LoaderError(
                        f"{self.path} cannot be opened: {message};"
                        " check MAINTAINX_WAREHOUSE and the folder's rights"
                    ) from None
                if time.monotonic() > deadline:
                    raise WarehouseHeldError(
                        f"{self.path} is open in another program: {message};"
                        " close it there, then run again"
                    ) from None
                if not told:
                    log.warning(
                        "%s is open in another program; waiting up to %.0f s",
                        self.path,
                        self.patience,
                    )
                    told = True
                time.sleep(0.2)
            except duckdb.Error as error:
                raise LoaderError(
                    f"{self.path} is no DuckDB file that can be used: {first_line(error)};"
                    " move it away or name another in MAINTAINX_WAREHOUSE"
                ) from None

    def prepare(self) -> None:
        """Make every raw table that is missing and close the log of runs that died."""
        with self.transaction() as connection:
            connection.execute("create schema if not exists raw")
            connection.execute(LOG_TABLES)
            for name in CATALOGUE:
                connection.execute(RAW_TABLE.format(name=name))
            connection.execute(
                "update raw._runs set state = 'failed', ended_at = started_at,"
                " error = 'the process died before its end' where state = 'running'"
            )

    def begin_run(self, run_id: str, command: str) -> None:
        """Log the start of a run."""
        with self.transaction() as connection:
            connection.execute(
                "insert into raw._runs values (?, ?, 'running', ?, null, null, null)",
                [run_id, command, now()],
            )

    def end_run(self, run_id: str, state: str, requests: int, error: str | None) -> None:
        """Log the end of a run: done, partial, failed or stopped."""
        with self.transaction() as connection:
            connection.execute(
                "update raw._runs set state = ?, ended_at = ?, requests = ?, error = ?"
                " where run_id = ?",
                [state, now(), requests, error, run_id],
            )

    def known(self) -> dict[tuple[str, int], Known]:
        """What earlier runs learnt, by list and organization; nothing of a list never read."""
        with self.transaction() as connection:
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

    def source_times(self, resource: str, organization_id: int) -> dict[int, datetime | None]:
        """Live ids of a list with their updatedAt."""
        with self.transaction() as connection:
            return dict(
                connection.execute(
                    f"select id, source_updated_at from ({_newest(resource)})"
                    " where _operation = 'upsert'",
                    {"organization": organization_id},
                ).fetchall()
            )

    def compare(self, resource: str, organization_id: int, listing: Spool) -> Comparison:
        """A complete listing against what is live here."""
        with self.transaction() as connection:
            _read_spool(connection, listing)
            connection.execute(
                f"create temp table known as {_newest(resource)}", {"organization": organization_id}
            )
            absent = connection.execute(f"{ABSENT} order by id").fetchall()
            stale = connection.execute(
                "select distinct listed.updated_at from listed left join known"
                f" on listed.id = known.id and {LIVE} where known.id is null"
                " or known.source_updated_at is distinct from listed.updated_at order by 1"
            ).fetchall()
            (live,) = one_row(connection, f"select count(*) from known where {LIVE}")
        return Comparison([row[0] for row in absent], [row[0] for row in stale], live)

    def land(
        self,
        outcome: Outcome,
        spool: Spool,
        gone: list[int] | None,
        ceiling: datetime | None,
    ) -> bool:
        """Write what a walk read in one transaction: new and changed records, deletions (`gone`),
        rejects and the walk's row in the run log. `outcome` is filled in.

        gone: None for a complete listing that nobody has compared yet; where it lacks ids that are
        live here, nothing is written and False comes back. ceiling: an updatedAt beyond it is a
        typing error, not a time to ask from.
        """
        resource, organization_id = outcome.resource, outcome.organization_id
        with self.transaction() as connection:
            moment = _next_moment(connection, resource)
            invalid = _read_spool(connection, spool)
            connection.execute(
                f"create temp table known as {_newest(resource)}", {"organization": organization_id}
            )
            if gone is None and connection.execute(ABSENT).fetchone():
                return False
            connection.execute(
                "create temp table wanted as select listed.line,"
                " known.id is null or known._operation = 'delete' as is_new"
                " from listed left join known using (id)"
                " where is_new or known._content_hash is distinct from listed.content_hash"
            )
            outcome.inserted, outcome.updated, listed = one_row(
                connection,
                "select count(*) filter (is_new), count(*) filter (not is_new),"
                " (select count(*) from listed) from wanted",
            )
            outcome.unchanged = listed - outcome.inserted - outcome.updated
            if outcome.inserted or outcome.updated:
                connection.execute(
                    f"insert into raw.{resource}"
                    " select ?, id, payload, updated_at, 'upsert', content_hash, ?, ?"
                    f" from {_lines(spool.records, SPOOL_COLUMNS, spool.longest)}"
                    " where line in (select line from wanted)",
                    [organization_id, moment, outcome.run_id],
                )
            if gone:
                connection.execute(
                    f"insert into raw.{resource}"
                    " select ?, unnest(?::bigint[]), null, null, 'delete', null, ?, ?",
                    [organization_id, gone, moment, outcome.run_id],
                )
            outcome.deleted = len(gone or [])
            _land_rejects(connection, outcome, spool, moment, invalid)
            if outcome.walk not in PARTIAL_WALKS:
                (outcome.watermark_to,) = one_row(
                    connection,
                    "select coalesce(max(updated_at) filter (? is null or updated_at <= ?),"
                    " max(updated_at)) from listed",
                    [ceiling, ceiling],
                )
            _log(connection, outcome)
        return True

    def put_manifest(self, outcome: Outcome, listing: Spool) -> None:
        """Replace what the source held of a list, as last read, by `listing`."""
        place = [outcome.organization_id, outcome.resource]
        with self.transaction() as connection:
            read_at = now()
            _read_spool(connection, listing)
            connection.execute(
                "delete from raw._source_manifest where organization_id = ? and resource = ?",
                place,
            )
            connection.execute(
                "insert into raw._source_manifest"
                " select ?, ?, ?, id, payload, updated_at, ?"
                f" from {_lines(listing.records, SPOOL_COLUMNS, listing.longest)}"
                " where line in (select line from listed)",
                [outcome.run_id, *place, read_at],
            )
            _log_reading(connection, outcome)

    def log_reading(self, outcome: Outcome) -> None:
        """Log a reading that failed; the manifest of an earlier one stays."""
        with self.transaction() as connection:
            _log_reading(connection, outcome)

    def log_failure(self, outcome: Outcome) -> None:
        """Write a walk that landed nothing into the run log."""
        with self.transaction() as connection:
            _log(connection, outcome)


def _log_reading(connection: duckdb.DuckDBPyConnection, outcome: Outcome) -> None:
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


def _log(connection: duckdb.DuckDBPyConnection, outcome: Outcome) -> None:
    outcome.ended_at = now()
    outcome.seconds = max(0.0, (outcome.ended_at - outcome.started_at).total_seconds())
    row = asdict(outcome)
    connection.execute(
        f"insert into raw._run_resources ({', '.join(row)}) values ({', '.join('?' for _ in row)})",
        list(row.values()),
    )


def first_line(error: BaseException) -> str:
    """What an error of DuckDB says, without the query around it."""
    return str(error).strip().split("\n")[0]


def one_row(
    connection: duckdb.DuckDBPyConnection, query: str, parameters: list[object] | None = None
) -> tuple[Any, ...]:
    """The row of a query that has one. Raises RuntimeError where there is none."""
    row = connection.execute(query, parameters).fetchone()
    if row is None:
        raise RuntimeError(f"no row came from: {query}")
    return row


def _newest(resource: str) -> str:
    """The newest row of each id of one organization, without its payload."""
    return (
        "select id, _operation, _content_hash, source_updated_at"
        f" from raw.{resource} join (select id, max(_extracted_at) as _extracted_at"
        f" from raw.{resource} where organization_id = $organization group by id)"
        " using (id, _extracted_at) where organization_id = $organization"
    )


def _lines(path: Path, columns: str, longest: int) -> str:
    """A spool file as a table; DuckDB's buffer has to hold its longest line twice."""
    name = str(path).replace("'", "''")
    line = longest + 1
    buffer = max(SMALLEST_BUFFER, 2 * line)
    return (
        f"read_csv('{name}', columns = {columns}, {FILE_OPTIONS},"
        f" max_line_size = {line}, buffer_size = {buffer})"
    )


def _read_spool(connection: duckdb.DuckDBPyConnection, spool: Spool) -> int:
    """Make the temporary table `listed`, the last good line of each id; how many lines are bad."""
    connection.execute(f"set memory_limit = '{MEMORY_MB + spool.longest * 8 // 1_000_000}MB'")
    connection.execute(
        "create temp table spooled as"
        " select line, id, updated_at, content_hash, json_valid(payload) as is_json"
        f" from {_lines(spool.records, SPOOL_COLUMNS, spool.longest)}"
    )
    connection.execute(
        "create temp table listed as select id, line, updated_at, content_hash from spooled"
        " where line in (select max(line) from spooled where is_json group by id)"
    )
    return int(one_row(connection, "select count(*) from spooled where not is_json")[0])


def _next_moment(connection: duckdb.DuckDBPyConnection, resource: str) -> datetime:
    """Now, or just after the table's newest row where this machine's clock was set back."""
    (moment,) = one_row(
        connection,
        "select greatest(?::timestamp, max(_extracted_at) + interval 1 microsecond)"
        f" from raw.{resource}",
        [now()],
    )
    return cast("datetime", moment)


def _land_rejects(
    connection: duckdb.DuckDBPyConnection,
    outcome: Outcome,
    spool: Spool,
    moment: datetime,
    invalid: int,
) -> None:
    """Put what is no record, and what DuckDB cannot read, into `raw._rejects`, each once."""
    if not invalid and not spool.rejects.stat().st_size:
        return
    connection.execute(
        "create temp table rejected as select content_hash, reason, record"
        f" from {_lines(spool.rejects, REJECT_COLUMNS, spool.longest)}"
    )
    if invalid:
        connection.execute(
            f"insert into rejected select content_hash, ?, payload"
            f" from {_lines(spool.records, SPOOL_COLUMNS, spool.longest)}"
            " where line in (select line from spooled where not is_json)",
            [NO_JSON],
        )
    (outcome.rejected,) = one_row(connection, "select count(distinct content_hash) from rejected")
    connection.execute(
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
