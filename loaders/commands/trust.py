"""What can be trusted, on a page: extract, reconciliation, the newest build's tests, the trend."""

import textwrap
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

from loaders.commands.console import columns
from loaders.errors import SettingsError
from loaders.warehouse.file import now, raw_path, reading
from loaders.warehouse.status import NEWEST_WALKS

STALE = timedelta(days=3)
OFFENDERS = 5
WIDTH = 80
STATUSES = ("pass", "warn", "fail", "error", "skipped")
# What must be there before the page has more to say than that.
BUILT = {"quality.test_results", "quality.model_runs", "marts.mart_data_quality_daily"}

LAST_RUN = """
select state, started_at, ended_at, error from raw._runs
where state != 'running'
order by started_at desc
limit 1
"""
LAST_READING = "select max(ended_at) from raw._runs where state in ('done', 'partial')"
RECONCILED = """
select
    resource,
    sum(records)::bigint,
    sum(matches)::bigint,
    sum(mismatches)::bigint,
    sum(missing_in_warehouse)::bigint,
    sum(missing_in_source)::bigint,
    sum(newer_at_source)::bigint,
    count(*) filter (state = 'failed'),
    max(ended_at)
from quality.rec_summary
group by resource
order by resource
"""
MODELS = """
select build_started_at, as_of_at, node_name, status from quality.model_runs
where invocation_id = (
    select arg_max(invocation_id, build_started_at) from quality.model_runs
    where is_whole
)
order by node_name
"""
TESTS = """
select build_started_at, node_name, severity, status, rows_failing, failing_rows_table,
    description, message
from quality.test_results
where invocation_id = (
    select arg_max(invocation_id, build_started_at) from quality.test_results where is_whole
)
order by status not in ('fail', 'error'), rows_failing desc nulls last, node_name
"""
TREND = """
select as_of_on, max(tests_warned + tests_failed), max(rows_warned + rows_failed)
from marts.mart_data_quality_daily
where tests is not null
group by as_of_on
order by as_of_on desc
"""
COVERAGE = """
select organization_id, asset_coverage, location_coverage, due_date_coverage, logged_time_coverage
from marts.mart_data_quality_daily
where work_orders is not null
qualify row_number() over (partition by organization_id order by as_of_on desc) = 1
order by organization_id
"""


@dataclass(frozen=True)
class Extract:
    """The newest run of the loaders that has ended, and the lists that are not as they should be.

    last_reading: the end of the newest run that read anything, UTC. stale: lists that were not read
    to their end for three days.
    """

    state: str
    ended_at: datetime | None
    error: str | None
    last_reading: datetime | None
    failed: list[str]
    stale: list[str]


@dataclass(frozen=True)
class ListFinding:
    """What the newest reconciliation found in one list, all organizations added up.

    newer_at_source was updated since the last extract, which is no fault.
    """

    resource: str
    records: int
    matches: int
    mismatches: int
    missing_in_warehouse: int
    missing_in_source: int
    newer_at_source: int
    unread: int
    ended_at: datetime | None

    @property
    def differs(self) -> bool:
        found = self.mismatches + self.missing_in_warehouse + self.missing_in_source
        return found + self.unread > 0


@dataclass(frozen=True)
class Offender:
    """A test that did not pass; `rows` stand in `table` until it runs again."""

    name: str
    severity: str
    status: str
    rows: int | None
    table: str | None
    to_resolve: str


@dataclass(frozen=True)
class Build:
    """The newest build with nothing left out. tests: severity -> status -> how many."""

    started_at: datetime
    as_of_at: datetime | None
    models: int
    models_not_built: list[str]
    tests: dict[str, dict[str, int]]
    offenders: list[Offender]


@dataclass(frozen=True)
class Day:
    """Tests that did not pass on a day of the trend, and the rows that they found."""

    as_of_on: date
    tests: int
    rows: int


@dataclass(frozen=True)
class Picture:
    """All of it. wrong: what is not as it should be, a line each; empty where all is well.

    trend: the newest day, and the last one that lies a week or more before it. coverage:
    organization -> asset, location, due_date, logged_time, each 0 to 1 or None.
    """

    extract: Extract
    reconciliation: list[ListFinding]
    build: Build | None
    trend: list[Day] = field(default_factory=list)
    coverage: dict[int, dict[str, float | None]] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)


def read(warehouse: Path) -> Picture:
    """The picture as it is now. Raises SettingsError where nothing was extracted yet."""
    missing = SettingsError(f"{raw_path(warehouse)} holds no data yet: run `make extract` first")
    if not raw_path(warehouse).exists():
        raise missing
    with reading(warehouse, "raw", *(["warehouse"] if warehouse.exists() else [])) as connection:
        tables = {
            f"{schema}.{name}"
            for schema, name in connection.execute(
                "select if(table_catalog = 'raw', 'raw', table_schema), table_name"
                " from information_schema.tables"
            ).fetchall()
        }
        if "raw._runs" not in tables:
            raise missing
        moment = now()
        extract = _extract(connection, moment)
        reconciliation = (
            [ListFinding(*row) for row in connection.execute(RECONCILED).fetchall()]
            if "quality.rec_summary" in tables
            else []
        )
        build = _build(connection) if tables >= BUILT else None
        if build is None:
            wrong = _wrong(extract, reconciliation, build, moment)
            return Picture(extract, reconciliation, build, wrong=wrong)
        return Picture(
            extract,
            reconciliation,
            build,
            _trend(connection),
            _coverage(connection),
            _wrong(extract, reconciliation, build, moment),
        )


def _extract(connection: duckdb.DuckDBPyConnection, moment: datetime) -> Extract:
    run = connection.execute(LAST_RUN).fetchone() or ("never ended", None, None, None)
    (last_reading,) = connection.execute(LAST_READING).fetchone() or (None,)
    walks = connection.execute(NEWEST_WALKS).fetchall()
    failed, stale = set(), set()
    for resource, _organization, last_success, _whole, _watermark, state, _error, _gone in walks:
        if state in ("failed", "refused"):
            failed.add(resource)
        elif state != "forbidden" and (last_success is None or last_success < moment - STALE):
            stale.add(resource)
    return Extract(
        run[0],
        run[2],
        run[3],
        last_reading,
        sorted(failed),
        sorted(stale),
    )


def _build(connection: duckdb.DuckDBPyConnection) -> Build | None:
    models = connection.execute(MODELS).fetchall()
    tests = connection.execute(TESTS).fetchall()
    if not models:
        return None
    counts: dict[str, dict[str, int]] = {}
    for _started, _name, severity, status, *_ in tests:
        of_severity = counts.setdefault(severity, dict.fromkeys(STATUSES, 0))
        of_severity[status] = of_severity.get(status, 0) + 1
    return Build(
        models[0][0],
        models[0][1],
        len(models),
        [name for _started, _as_of, name, status in models if status != "success"],
        dict(sorted(counts.items())),
        [
            Offender(name, severity, status, rows, table, _to_resolve(description or message))
            for _started, name, severity, status, rows, table, description, message in tests
            if status not in ("pass", "skipped")
        ],
    )


def _to_resolve(description: str | None) -> str:
    """The last of the three answers of a test's description; all of it where it gives none."""
    return " ".join((description or "").rpartition("To resolve:")[2].split())


def _trend(connection: duckdb.DuckDBPyConnection) -> list[Day]:
    days = [Day(day, tests, int(rows)) for day, tests, rows in _rows(connection, TREND)]
    if not days:
        return []
    week_before = days[0].as_of_on - timedelta(days=7)
    return [days[0], *[day for day in days if day.as_of_on <= week_before][:1]]


def _coverage(connection: duckdb.DuckDBPyConnection) -> dict[int, dict[str, float | None]]:
    names = ("asset", "location", "due_date", "logged_time")
    return {
        organization: dict(zip(names, shares, strict=True))
        for organization, *shares in _rows(connection, COVERAGE)
    }


def _rows(connection: duckdb.DuckDBPyConnection, query: str) -> list[tuple[Any, ...]]:
    return connection.execute(query).fetchall()


def _wrong(
    extract: Extract, reconciliation: list[ListFinding], build: Build | None, moment: datetime
) -> list[str]:
    wrong = []
    if extract.state == "failed":
        wrong.append(f"the last extract failed: {extract.error}")
    if extract.failed:
        wrong.append(
            f"lists that could not be read: {', '.join(extract.failed)}; see `make status`"
        )
    if extract.last_reading is None or extract.last_reading < moment - STALE:
        wrong.append("nothing was extracted for three days: run `make extract`")
    elif extract.stale:
        wrong.append(f"lists not read for three days: {', '.join(extract.stale)}")
    differing = [one.resource for one in reconciliation if one.differs]
    if differing:
        wrong.append(
            f"not what MaintainX says: {', '.join(differing)}; run"
            " `python -m loaders reconcile --mend`, then `make build`"
        )
    if build is None:
        return [*wrong, "never built: run `make build`"]
    if build.started_at < moment - STALE:
        wrong.append("not built for three days: run `make build`")
    if build.models_not_built:
        wrong.append(f"models not built: {', '.join(build.models_not_built[:OFFENDERS])}")
    failures = [one.name for one in build.offenders if one.status in ("fail", "error")]
    if failures:
        more = f" and {len(failures) - OFFENDERS} more" if len(failures) > OFFENDERS else ""
        wrong.append(f"tests that failed: {', '.join(failures[:OFFENDERS])}{more}")
    return wrong


def page(picture: Picture) -> str:
    """The picture for people, 80 columns wide."""
    moment = now()
    parts = [_said("extract", _extract_line(picture.extract, moment))]
    parts.append(_said("reconciliation", _reconciliation_line(picture.reconciliation, moment)))
    differing = [one for one in picture.reconciliation if one.differs]
    if differing:
        head = ["list", "records", "mismatch", "missing here", "missing there", "unread"]
        rows = [
            [
                one.resource,
                f"{one.records:,}",
                f"{one.mismatches:,}",
                f"{one.missing_in_warehouse:,}",
                f"{one.missing_in_source:,}",
                f"{one.unread:,}",
            ]
            for one in differing
        ]
        parts += ["", columns(head, rows), ""]
    if picture.build is None:
        parts.append(_said("build", "never"))
    else:
        parts += _build_lines(picture.build, moment)
    if picture.trend:
        told = [
            f"{day.as_of_on}: {day.tests:,} tests found {day.rows:,} rows" for day in picture.trend
        ]
        parts.append(_said("trend", "; ".join(told)))
    for organization, shares in picture.coverage.items():
        told = [f"{name.replace('_', ' ')} {_percent(share)}" for name, share in shares.items()]
        parts.append(_said("coverage", f"{organization}: {', '.join(told)}"))
    parts.append("")
    parts += [_said("wrong", line) for line in picture.wrong] or ["Nothing is wrong."]
    return "\n".join(parts)


def _build_lines(build: Build, moment: datetime) -> list[str]:
    text = f"{_when(build.started_at, moment)}: {build.models} models"
    if build.models_not_built:
        text += f", {len(build.models_not_built)} of them not built"
    counts = [
        [severity, *(f"{number:,}" for number in numbers.values())]
        for severity, numbers in build.tests.items()
    ]
    lines = [_said("build", text)]
    if build.as_of_at is not None:
        lines.append(_said("as of", f"{build.as_of_at:%Y-%m-%d %H:%M}"))
    lines += ["", columns(["tests of severity", *STATUSES], counts), ""]
    for one in build.offenders[:OFFENDERS]:
        rows = "" if one.rows is None else f", {one.rows:,} rows"
        lines.append(f"{one.status} {one.name}{rows}")
        lines += textwrap.wrap(
            one.to_resolve,
            WIDTH,
            initial_indent="  ",
            subsequent_indent="  ",
            max_lines=2,
            placeholder=" ...",
        )
    more = len(build.offenders) - OFFENDERS
    if more > 0:
        lines.append(f"and {more} more: see quality.test_results")
    return [*lines, ""] if build.offenders else lines


def _extract_line(extract: Extract, moment: datetime) -> str:
    text = extract.state
    if extract.ended_at is not None:
        text += f" {_when(extract.ended_at, moment)}"
    return f"{text}; lists failed {len(extract.failed)}, stale {len(extract.stale)}"


def _reconciliation_line(lists: list[ListFinding], moment: datetime) -> str:
    ended = max((one.ended_at for one in lists if one.ended_at is not None), default=None)
    if ended is None:
        return "never; `python -m loaders reconcile` compares with MaintainX"
    records = sum(one.records for one in lists)
    text = f"{sum(one.matches for one in lists):,} of {records:,} records match"
    newer = sum(one.newer_at_source for one in lists)
    return f"{_when(ended, moment)}: {text}" + (f", {newer:,} newer there" if newer else "")


def _said(what: str, text: str) -> str:
    return textwrap.fill(text, WIDTH, initial_indent=f"{what:<16}", subsequent_indent=" " * 16)


def _percent(share: float | None) -> str:
    return "none" if share is None else f"{share:.0%}"


def _when(moment: datetime, now: datetime) -> str:
    minutes = (now - moment).total_seconds() / 60
    if minutes < 120:
        age = f"{max(minutes, 0):.0f} minutes"
    elif minutes < 2880:
        age = f"{minutes / 60:.0f} hours"
    else:
        age = f"{minutes / 1440:.0f} days"
    return f"{moment:%Y-%m-%d %H:%M} ({age} ago)"
