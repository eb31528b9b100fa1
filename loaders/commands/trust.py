"""A one-page data quality summary: last extract, reconciliation, tests, trend, active alerts."""

import contextlib
import json
import sys
import textwrap
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import click
import duckdb

from loaders import settings
from loaders.commands.console import columns
from loaders.printing import counted, say
from loaders.settings import PUBLISHED
from loaders.warehouse.file import literal, now, one_row, reading
from loaders.warehouse.status import Run, last_run, refuse_empty

OFFENDERS = 5
ALERTS_SHOWN = 10
WIDTH = 80
STATUSES = ("pass", "warn", "fail", "error", "skipped")
# A successful build creates both; before it there is nothing to summarize.
BUILT = {"quality.health_alerts", "marts.mart_data_quality_daily"}
KILLED = "the last extract was killed: run `make extract`, which resumes it"
COPY_OLD = f"{PUBLISHED} is older than the last build: run `python -m loaders publish`"
COPY_KEPT = (
    f"{PUBLISHED} is as before the last build, which failed: correct the errors, then `make build`"
)
NEVER_BUILT = "never built: run `make build`"

# One alert of each rule comes first, because the page shows only ten alerts.
ALERTS = """
select rule_name, severity, subject, message
from quality.health_alerts
where coalesce(fires_at <= $now, true) and coalesce(fires_until > $now, true)
order by row_number() over (partition by rule_name order by subject), rule_name
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
    """The newest run of the loaders.

    last_reading: the end of the newest run that read anything, UTC. failed: lists whose last read
    failed. stale: lists without a complete read for three days. Both are empty before the first
    build.
    """

    state: str
    ended_at: datetime | None
    error: str | None
    last_reading: datetime | None
    failed: list[str]
    stale: list[str]


@dataclass(frozen=True)
class ListFinding:
    """The newest reconciliation of one list, summed over all organizations.

    newer_at_source: records updated since the last extract, which is not a difference. unread:
    organizations whose list could not be read.
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
    """A test that did not pass. Its failing `rows` are in `table` until it runs again."""

    name: str
    severity: str
    status: str
    rows: int | None
    table: str | None
    to_resolve: str


@dataclass(frozen=True)
class Build:
    """The newest complete build. tests: severity -> status -> count."""

    started_at: datetime
    as_of_at: datetime | None
    models: int
    models_not_built: list[str]
    tests: dict[str, dict[str, int]]
    offenders: list[Offender]

    @property
    def failed(self) -> bool:
        """Whether it was not published, because a model or a test failed."""
        return bool(self.models_not_built) or any(
            offender.status in ("fail", "error") for offender in self.offenders
        )


@dataclass(frozen=True)
class Day:
    """Tests that did not pass on one day of the trend, and their number of failing rows."""

    as_of_on: date
    tests: int
    rows: int


@dataclass(frozen=True)
class Picture:
    """The whole summary.

    trend: the newest day, and the last day at least a week before it. coverage: organization ->
    asset, location, due_date, logged_time, each 0 to 1 or None. wrong, warnings: messages of the
    active alerts of severity error and warn.
    """

    extract: Extract
    reconciliation: list[ListFinding]
    build: Build | None
    trend: list[Day] = field(default_factory=list)
    coverage: dict[int, dict[str, float | None]] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def read(warehouse: Path) -> Picture:
    """The summary as of now. Raises NoDataError if nothing was extracted yet."""
    with reading(warehouse, "raw", *(["warehouse"] if warehouse.exists() else [])) as connection:
        tables = {
            f"{schema}.{name}"
            for schema, name in connection.execute(
                "select if(table_catalog = 'raw', 'raw', table_schema), table_name"
                " from information_schema.tables"
            ).fetchall()
        }
        run = last_run(connection, warehouse)
        if run is None or run.state != "running":
            refuse_empty(connection, warehouse)
        killed = [KILLED] if run is not None and run.state == "killed" else []
        if not tables >= BUILT:
            return Picture(_extract(connection, run, []), [], None, wrong=[*killed, NEVER_BUILT])
        alerts = connection.execute(ALERTS, {"now": now()}).fetchall()
        build = _build(connection)
        warnings = [message for _rule, severity, _subject, message in alerts if severity == "warn"]
        if build is not None and _is_copy_older(connection, warehouse, build):
            warnings.append(COPY_KEPT if build.failed else COPY_OLD)
        return Picture(
            _extract(connection, run, alerts),
            [ListFinding(*row) for row in _rows(connection, RECONCILED)],
            build,
            _trend(connection),
            _coverage(connection),
            killed
            + [message for _rule, severity, _subject, message in alerts if severity == "error"],
            warnings,
        )


def _is_copy_older(connection: duckdb.DuckDBPyConnection, warehouse: Path, build: Build) -> bool:
    """Whether the published copy lacks the newest build, as after plain `dbt build`."""
    path = warehouse.with_name(PUBLISHED)
    if not path.exists():
        return False
    # Who has the copy open for writing, or has put another file there, is not warned.
    with contextlib.suppress(duckdb.Error):
        connection.execute(f"attach {literal(str(path))} as copy (read_only)")
        (published,) = one_row(connection, "select max(published_at) from copy.main._published")
        return published is not None and bool(published < build.started_at)
    return False


def _extract(
    connection: duckdb.DuckDBPyConnection, run: Run | None, alerts: list[tuple[str, ...]]
) -> Extract:
    (last_reading,) = connection.execute(LAST_READING).fetchone() or (None,)
    failed, stale = (
        sorted(subject for rule, _severity, subject, _message in alerts if rule == wanted)
        for wanted in ("list_not_read", "list_stale")
    )
    if run is None:
        return Extract("never ended", None, None, last_reading, failed, stale)
    return Extract(run.state, run.ended_at, run.error, last_reading, failed, stale)


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
    """The text after "To resolve:" in a test's description, or the whole description."""
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


def page(picture: Picture) -> str:
    """The summary as text, 80 columns wide."""
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
            f"{day.as_of_on}: {counted(day.tests, 'test')} found {counted(day.rows, 'row')}"
            for day in picture.trend
        ]
        parts.append(_said("trend", "; ".join(told)))
    for organization, shares in picture.coverage.items():
        told = [f"{name.replace('_', ' ')} {_percent(share)}" for name, share in shares.items()]
        parts.append(_said("coverage", f"{organization}: {', '.join(told)}"))
    parts.append("")
    parts += _alert_lines("error", picture.wrong) + _alert_lines("warning", picture.warnings)
    found = f"{_count(len(picture.wrong), 'error')}, {_count(len(picture.warnings), 'warning')}."
    return "\n".join([*parts, found.capitalize()])


def _alert_lines(severity: str, messages: list[str]) -> list[str]:
    lines = [_said(severity, message) for message in messages[:ALERTS_SHOWN]]
    more = len(messages) - ALERTS_SHOWN
    return [*lines, _said("", f"and {more} more: see quality.health_alerts")] if more > 0 else lines


def _count(number: int, noun: str) -> str:
    return counted(number, noun) if number else f"no {noun}s"


def _build_lines(build: Build, moment: datetime) -> list[str]:
    text = f"{_when(build.started_at, moment)}: {build.models} models and seeds"
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
        rows = "" if one.rows is None else f", {counted(one.rows, 'row')}"
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
    text = f"{sum(one.matches for one in lists):,} of {counted(records, 'record')} match"
    newer = sum(one.newer_at_source for one in lists)
    return f"{_when(ended, moment)}: {text}" + (f", {newer:,} newer there" if newer else "")


def _said(what: str, text: str) -> str:
    return textwrap.fill(
        text,
        WIDTH,
        initial_indent=f"{what:<16}",
        subsequent_indent=" " * 16,
        break_long_words=False,
    )


def _percent(share: float | None) -> str:
    return "none" if share is None else f"{share:.0%}"


def _when(moment: datetime, now: datetime) -> str:
    minutes = max((now - moment).total_seconds() / 60, 0)
    if minutes < 1.5:
        age = "1 minute"
    elif minutes < 120:
        age = f"{minutes:.0f} minutes"
    elif minutes < 2880:
        age = f"{minutes / 60:.0f} hours"
    else:
        age = f"{minutes / 1440:.0f} days"
    return f"{moment:%Y-%m-%d %H:%M} ({age} ago)"


@click.command("trust")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(as_json: bool) -> None:
    """Print a one-page data quality summary.

    Shows the last extract, the last reconciliation, the tests of the newest build by severity, the
    tests with most failing rows, and the trend. Exit code 1 if a list could not be read, nothing
    was extracted or built for three days, the warehouse differs from MaintainX, or a test failed
    with severity error; 2 if nothing was ever extracted.

    \b
    Examples:
      python -m loaders trust
      python -m loaders trust --json
    """
    picture = read(settings.warehouse_path())
    if as_json:
        say(json.dumps(asdict(picture), default=str, indent=2))
    else:
        say(page(picture))
    sys.exit(int(bool(picture.wrong)))
