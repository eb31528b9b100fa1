"""Marts, or the raw log, as tables of BigQuery: a load job of Parquet each, or a merge by key.

A load job takes a table's place at once or not at all, so whoever is killed leaves the former
tables whole, and the same load twice gives the same tables. Only a table whose partitions or
clusters change is deleted and made anew. Needs the extra `bigquery`.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import requests
from google.api_core import exceptions
from google.api_core.client_options import ClientOptions
from google.auth.credentials import AnonymousCredentials
from google.auth.exceptions import GoogleAuthError
from google.cloud import bigquery

from loaders.errors import LoaderError, SettingsError, first_line
from loaders.export.files import PARQUET_GROUP, Selection, select
from loaders.export.marts import Column, Mart, quoted, read_raw
from loaders.warehouse.file import literal, one_row, reading
from loaders.warehouse.status import refuse_empty

TYPES = {
    "BIGINT": "INTEGER",
    "INTEGER": "INTEGER",
    "DOUBLE": "FLOAT",
    "BOOLEAN": "BOOLEAN",
    "DATE": "DATE",
    "TIMESTAMP": "TIMESTAMP",
    "VARCHAR": "STRING",
    # A load job of Parquet makes no JSON columns; JSON_VALUE() reads text just as well.
    "JSON": "STRING",
}
# It grows within a log, which is never changed otherwise.
LANDED_AT = "_extracted_at"
# The most that BigQuery takes.
COLUMN_DESCRIPTION = 1_024
CLUSTERING_COLUMNS = 4
MONTH = bigquery.TimePartitioningType.MONTH
PATIENCE = 60.0
UPLOAD_PATIENCE = 600.0
STAGED_FOR = timedelta(days=1)
QUOTA_REASONS = {"quotaExceeded", "rateLimitExceeded"}


@dataclass(frozen=True)
class Target:
    """A data set of BigQuery. merge: change rows by their key instead of replacing tables."""

    project: str
    dataset: str
    merge: bool = False


@dataclass(frozen=True)
class Loaded:
    """A table that was loaded: rows sent, and rows that stand in it now."""

    table: str
    sent: int
    rows: int


def load(warehouse: Path, selection: Selection, target: Target) -> list[Loaded]:
    """Load the selected marts, and count what stands in BigQuery then.

    Raises SettingsError where project, data set, rights or selection do not serve, LoaderError
    where a load fails or the counts differ.
    """
    if selection.conditions and not target.merge:
        raise SettingsError(
            "--where and --since need --merge: without it the rows left out would vanish there"
        )
    with told_in_a_line(target), _reading(warehouse, "warehouse") as (connection, path):
        chosen = [mart for mart in select(connection, selection) if mart.name == mart.source]
        if not chosen:
            raise SettingsError("work_orders is made for spreadsheets: name fct_work_orders")
        loading = _Loading(target)
        loaded = []
        for mart in chosen:
            rows = _write(connection, mart, selection.conditions, path)
            loaded.append(loading.load(mart, path, rows, whole=not selection.conditions))
    return loaded


def load_raw(warehouse: Path, target: Target) -> list[Loaded]:
    """Load the raw tables, which `dbt build --target bigquery` reads; payloads are JSON there.

    With target.merge the logs get the rows that are newer than their newest there. Raises
    SettingsError where project, data set or rights do not serve, LoaderError where a load fails
    or the counts differ.
    """
    with told_in_a_line(target), _reading(warehouse, "raw") as (connection, path):
        refuse_empty(connection, warehouse)
        tables = read_raw(connection)
        loading = _Loading(target)
        loaded = []
        for table in tables:
            since = loading.newest(table) if target.merge else None
            newer = [f"{LANDED_AT} > timestamp '{since:%Y-%m-%d %H:%M:%S.%f}'"] if since else []
            rows = _write(connection, table, newer, path)
            (total,) = one_row(connection, f"select count(*) from ({table.query()})")
            loaded.append(loading.load_raw(table, path, rows, total))
    return loaded


@contextmanager
def _reading(warehouse: Path, name: str) -> Iterator[tuple[duckdb.DuckDBPyConnection, Path]]:
    """The file `name`, see file.reading, and where a file for a load job may lie."""
    with (
        reading(warehouse, name) as connection,
        TemporaryDirectory(prefix="maintainx-") as folder,
    ):
        connection.execute(f"set temp_directory = {literal(folder)}")
        yield connection, Path(folder) / "table.parquet"


@contextmanager
def told_in_a_line(target: Target) -> Iterator[None]:
    """What Google's libraries raise, as one line that says what to do."""
    try:
        yield
    except exceptions.GoogleAPIError as error:
        raise _explained(error, target.project, f"{target.project}.{target.dataset}") from None
    except GoogleAuthError as error:
        raise SettingsError(
            f"no credentials for Google: {_told(error)}; run `gcloud auth application-default"
            " login` or set GOOGLE_APPLICATION_CREDENTIALS"
        ) from None
    except requests.exceptions.RequestException as error:
        raise LoaderError(f"BigQuery cannot be reached: {_told(error)}") from None


def _explained(error: exceptions.GoogleAPIError, project: str, place: str) -> LoaderError:
    if isinstance(error, exceptions.RetryError) and error.cause is not None:
        error = error.cause
    told = _told(error)
    reasons = {str(one.get("reason")) for one in getattr(error, "errors", ())}
    if isinstance(error, exceptions.TooManyRequests) or reasons & QUOTA_REASONS:
        return LoaderError(f"a quota of {project} is used up: {told}; try again later")
    if isinstance(error, exceptions.NotFound):
        return SettingsError(
            f"{place} is not there, or these credentials do not see it: {told}; check --project"
            " and --dataset, and make the data set first"
        )
    if isinstance(error, exceptions.Forbidden):
        return SettingsError(
            f"these credentials may not load into {place}: {told}; it takes the roles BigQuery"
            " Data Editor on the data set and BigQuery Job User on the project"
        )
    return LoaderError(f"BigQuery did not load into {place}: {told}")


def _told(error: Exception) -> str:
    return first_line(Exception(getattr(error, "message", None) or error))


def _write(
    connection: duckdb.DuckDBPyConnection, mart: Mart, conditions: list[str], path: Path
) -> int:
    """The mart as BigQuery takes it; moments are marked as UTC. Gives the number of rows."""
    columns = ", ".join(
        f"{_expression(column)} as {quoted(column.name)}" for column in mart.columns
    )
    try:
        copied = connection.execute(
            f"copy (select {columns} {mart.rows(conditions)}) to {literal(str(path))}"
            f" (format parquet, compression zstd, row_group_size {PARQUET_GROUP})"
        ).fetchone()
    except duckdb.Error as error:
        raise LoaderError(f"{mart.name} was not loaded: {first_line(error)}") from None
    return int(copied[0]) if copied else 0


def _expression(column: Column) -> str:
    if column.type == "TIMESTAMP":
        return f"cast({column.expression} as timestamptz)"
    if column.type == "JSON":
        return f"cast({column.expression} as varchar)"
    return column.expression


def partition_column(mart: Mart) -> Column | None:
    """The first date, else the first moment, of a fact; a month of it is a partition."""
    if not mart.name.startswith("fct_"):
        return None
    for kind in ("DATE", "TIMESTAMP"):
        for column in mart.columns:
            if column.type == kind:
                return column
    return None


class _Loading:
    """Tables of one data set."""

    def __init__(self, target: Target) -> None:
        self._target = target
        endpoint = os.environ.get("MAINTAINX_BIGQUERY_ENDPOINT")
        self._client: Any = bigquery.Client(
            project=target.project,
            credentials=AnonymousCredentials() if endpoint else None,
            client_options=ClientOptions(api_endpoint=endpoint) if endpoint else None,
        )
        self._retry = bigquery.DEFAULT_RETRY.with_timeout(PATIENCE)
        dataset = f"{target.project}.{target.dataset}"
        found = self._client.get_dataset(dataset, retry=self._retry, timeout=PATIENCE)
        self._location = found.location

    def load(self, mart: Mart, path: Path, rows: int, whole: bool) -> Loaded:
        """Replace the mart's table, or merge into it where there is one.

        whole: the file is the whole mart, so what it does not hold is gone. Raises LoaderError
        where the table then holds another number of rows.
        """
        found = self._found(mart.name)
        if found is None or (not self._target.merge and _layout_of(found) == _layout(mart)):
            self._load_file(mart, path, mart.name, None)
        else:
            staged = f"{mart.name}__staged"
            self._load_file(mart, path, staged, datetime.now(UTC) + STAGED_FOR)
            self._count(staged, rows)
            if self._target.merge:
                self._add_columns(found, mart)
                self._query(self._merge(mart, staged, whole))
            else:
                # A load job cannot change partitions and clusters.
                self._delete(mart.name)
                self._copy(staged, mart.name)
            self._delete(staged)
        return Loaded(self._table(mart.name), rows, self._count(mart.name, rows if whole else None))

    def newest(self, table: Mart) -> datetime | None:
        """When the newest row of a log was loaded, UTC; None for another table or an empty one."""
        if "_operation" not in [column.name for column in table.columns]:
            return None
        if self._found(table.name) is None:
            return None
        query = f"select max({LANDED_AT}) as newest from `{self._table(table.name)}`"
        (row,) = list(self._query(query))
        newest: datetime | None = row["newest"]
        return newest

    def load_raw(self, table: Mart, path: Path, rows: int, total: int) -> Loaded:
        """Add the rows of the file to a log, or make the table of them where they are all of it.

        Raises LoaderError where the table then does not hold `total` rows.
        """
        if rows or not total:
            staged = f"{table.name}__staged"
            self._load_file(table, path, staged, datetime.now(UTC) + STAGED_FOR)
            self._count(staged, rows)
            found, whole = self._found(table.name), rows == total
            if found is not None and not whole:
                self._add_columns(found, table)
            if found is not None and whole and _layout_of(found)[1] != list(table.key):
                # `create or replace` cannot change clusters.
                self._delete(table.name)
            self._query(self._fill(table, staged, whole))
            self._delete(staged)
        return Loaded(self._table(table.name), rows, self._count(table.name, total))

    def _fill(self, table: Mart, staged: str, whole: bool) -> str:
        place = f"`{self._table(table.name)}`"
        # A load job of Parquet brings JSON as text.
        values = ", ".join(
            f"parse_json({column.name}, wide_number_mode => 'round') as {column.name}"
            if column.type == "JSON"
            else f"`{column.name}`"
            for column in table.columns
        )
        if whole:
            clusters = f"cluster by {', '.join(table.key)}" if table.key else ""
            head = f"create or replace table {place} {clusters} as"
        else:
            columns = ", ".join(f"`{column.name}`" for column in table.columns)
            head = f"insert into {place} ({columns})"
        return f"{head} select {values} from `{self._table(staged)}`"

    def _table(self, name: str) -> str:
        return f"{self._target.project}.{self._target.dataset}.{name}"

    def _found(self, name: str) -> Any:
        """The table, None where there is none."""
        try:
            return self._client.get_table(self._table(name), retry=self._retry)
        except exceptions.NotFound:
            return None

    def _delete(self, name: str) -> None:
        self._client.delete_table(self._table(name), retry=self._retry, not_found_ok=True)

    def _copy(self, origin: str, name: str) -> None:
        job = self._client.copy_table(
            self._table(origin), self._table(name), location=self._location, retry=self._retry
        )
        job.result(retry=self._retry)

    def _add_columns(self, found: Any, mart: Mart) -> None:
        """Add the columns that the table lacks, in one change of it."""
        names = {field.name for field in found.schema}
        lacking = [field for field in _schema(mart) if field.name not in names]
        if lacking:
            found.schema = [*found.schema, *lacking]
            self._client.update_table(found, ["schema"], retry=self._retry)

    def _load_file(self, mart: Mart, path: Path, name: str, until: datetime | None) -> None:
        month, clusters = _layout(mart)
        config = bigquery.LoadJobConfig(
            source_format=bigquery.SourceFormat.PARQUET,
            write_disposition=bigquery.WriteDisposition.WRITE_TRUNCATE,
            schema=_schema(mart),
            time_partitioning=bigquery.TimePartitioning(MONTH, month) if month else None,
            clustering_fields=clusters or None,
            destination_table_description=mart.description,
        )
        with path.open("rb") as file:
            job = self._client.load_table_from_file(
                file,
                self._table(name),
                location=self._location,
                job_config=config,
                num_retries=3,
                timeout=UPLOAD_PATIENCE,
            )
        job.result(retry=self._retry)
        if until is not None:
            table = self._client.get_table(self._table(name), retry=self._retry)
            table.expires = until
            self._client.update_table(table, ["expires"], retry=self._retry)

    def _merge(self, mart: Mart, staged: str, whole: bool) -> str:
        if not mart.key:
            raise SettingsError(f"{mart.name} has no primary key to merge on: leave --merge out")
        names = [column.name for column in mart.columns]
        match = " and ".join(f"target.`{name}` = source.`{name}`" for name in mart.key)
        others = [name for name in names if name not in mart.key]
        changes = ", ".join(f"`{name}` = source.`{name}`" for name in others)
        columns = ", ".join(f"`{name}`" for name in names)
        values = ", ".join(f"source.`{name}`" for name in names)
        parts = [
            f"merge `{self._table(mart.name)}` as target",
            f"using `{self._table(staged)}` as source on {match}",
            f"when matched then update set {changes}" if others else "",
            f"when not matched then insert ({columns}) values ({values})",
            "when not matched by source then delete" if whole else "",
        ]
        return "\n".join(part for part in parts if part)

    def _query(self, query: str) -> Any:
        job = self._client.query(
            query, location=self._location, retry=self._retry, timeout=PATIENCE
        )
        return job.result(retry=self._retry)

    def _count(self, name: str, expected: int | None) -> int:
        query = f"select count(*) as found from `{self._table(name)}`"
        (row,) = list(self._query(query))
        found = int(row["found"])
        if expected is not None and found != expected:
            raise LoaderError(
                f"{self._table(name)} holds {found:,} rows, not {expected:,}: load it again without"
                " --merge"
            )
        return found


def _layout(mart: Mart) -> tuple[str | None, list[str]]:
    """The column whose months are partitions, and the columns that cluster the rows."""
    by = partition_column(mart)
    return by.name if by else None, list(mart.key[:CLUSTERING_COLUMNS])


def _layout_of(table: Any) -> tuple[str | None, list[str]]:
    """The layout of a table of BigQuery, likewise."""
    by = table.time_partitioning
    return by.field if by else None, list(table.clustering_fields or ())


def _schema(mart: Mart) -> list[Any]:
    return [
        bigquery.SchemaField(
            column.name,
            _bigquery_type(column),
            description=(column.description or "")[:COLUMN_DESCRIPTION],
        )
        for column in mart.columns
    ]


def _bigquery_type(column: Column) -> str:
    return "NUMERIC" if column.type.startswith("DECIMAL") else TYPES[column.type]
