"""The tables of the raw file, and the migrations from one schema version to the next."""

import duckdb

LIST_TABLE = """
create table if not exists raw.{name} (
    organization_id bigint not null,
    id bigint not null,
    payload json using compression zstd,
    source_updated_at timestamp,
    _operation varchar not null,
    _content_hash varchar,
    _extracted_at timestamp not null,
    _run_id varchar not null
)
"""

# The step at index n migrates a raw file from version n to n + 1. A released step never changes.
# The first step may also find the tables of an earlier layout.
MIGRATIONS: tuple[str, ...] = (
    """
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
""",
    # The parents whose details were read: the mark of each then, and when.
    """
create table if not exists raw._detail_reads (
    organization_id bigint not null,
    resource varchar not null,
    id bigint not null,
    mark varchar,
    read_at timestamp not null
);
""",
    # The pages of the last read of a whole list, as `pages.py` says.
    """
create table if not exists raw._source_pages (
    organization_id bigint not null,
    resource varchar not null,
    number bigint not null,
    query varchar not null,
    digest varchar not null,
    after varchar not null,
    read bigint not null,
    ids bigint[] not null,
    state varchar not null
);
""",
)

COLUMNS = """
select table_name, column_name from duckdb_columns()
where database_name = ? and table_name not in ('_schema_version')
"""


def lacking(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Columns and tables of this release that the attached raw file does not have.

    A list that no run has read may lack its table.
    """
    with connection.cursor() as scratch:
        scratch.execute("attach ':memory:' as release")
        for statements in (*MIGRATIONS, LIST_TABLE.format(name="list")):
            scratch.execute(statements.replace(" raw.", " release."))
        wanted = _columns(scratch, "release")
        scratch.execute("detach release")
    of_list = wanted.pop("list")
    found = _columns(connection, "raw")
    wanted |= {
        table: of_list
        for table, columns in found.items()
        if not table.startswith("_") and any(column.startswith("_") for column in sorted(columns))
    }
    return [
        f"the table raw.{table}" if table not in found else f"the column {column} of raw.{table}"
        for table, columns in wanted.items()
        for column in (sorted(columns - found[table]) if table in found else [""])
    ]


def _columns(connection: duckdb.DuckDBPyConnection, database: str) -> dict[str, set[str]]:
    columns: dict[str, set[str]] = {}
    for table, column in connection.execute(COLUMNS, [database]).fetchall():
        columns.setdefault(table, set()).add(column)
    return columns
