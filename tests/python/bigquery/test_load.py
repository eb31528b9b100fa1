"""`export bigquery` with Google's own client, against an emulator on a real socket.

The emulator accepts Parquet load jobs and merges, but ignores partitions, clusters and table
descriptions. The tests check those in the requests, which pass through a relay. The relay keeps
the partitions and clusters of tables, refuses to change them as BigQuery does, adds columns, and
can refuse and delay requests.
"""

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import duckdb
import httpx
import pytest
from google.api_core.client_options import ClientOptions
from google.auth.credentials import AnonymousCredentials
from google.cloud import bigquery

from loaders.warehouse import upgrade
from loaders.warehouse.file import RawFile
from tests.support.forked import Forked
from tests.support.served import free_port, served

ROOT = Path(__file__).resolve().parents[3]
PROJECT, DATASET = "plant", "maintainx"
FORKED = Forked()

MARTS = """
create schema marts;
create table marts.fct_work_orders (
    organization_id bigint, work_order_id bigint, title varchar, assignee_names varchar,
    location_path varchar, status varchar, source_priority varchar, asset_name varchar,
    duration_hours double, is_done boolean, created_on date, created_at timestamp,
    updated_at timestamp, completed_at timestamp, custom_fields json,
    primary key (organization_id, work_order_id)
);
insert into marts.fct_work_orders
select
    1 + range % 2, range, 'Order "' || range || '", 🛠️', 'Ada; new@plant.example',
    'Plant', 'Completed', 'HIGH', 'Press', range / 7, range % 3 = 0,
    date '2024-01-01' + (range % 900)::int,
    timestamp '2024-01-01 08:00:00.123' + interval (range) hour,
    timestamp '2024-01-01 08:00:00.123' + interval (range) hour, null, '{"a": ' || range || '}'
from range(1000);
comment on table marts.fct_work_orders is 'One row per work order that is not deleted.';
comment on column marts.fct_work_orders.title is 'Title as typed.';
create table marts.dim_users (
    organization_id bigint, user_id bigint, full_name varchar, email varchar, phone_number varchar,
    hourly_rate decimal(18, 2), primary key (organization_id, user_id)
);
insert into marts.dim_users values (1, 1, 'Ada', 'ada@plant.example', '+49', 42.50);
create table marts.fct_work_order_deletions (
    organization_id bigint, work_order_id bigint, noticed_at timestamp,
    primary key (organization_id, work_order_id)
);
"""


@dataclass
class Relay:
    """Forwards requests to the emulator and records them; `refuse` and `delay` by path.

    `layouts` are the partitions and clusters of each table.
    """

    emulator: str
    url: str = ""
    refuse: dict[str, tuple[int, str, str]] = field(default_factory=dict)
    delay: dict[str, float] = field(default_factory=dict)
    seen: list[tuple[str, str, bytes]] = field(default_factory=list)
    layouts: dict[str, dict[str, Any]] = field(default_factory=dict)
    # To make a client takes longer than a request.
    client: httpx.Client = field(default_factory=lambda: httpx.Client(timeout=60))

    @property
    def loads(self) -> dict[str, dict[str, Any]]:
        """The newest load job of each table."""
        jobs: dict[str, dict[str, Any]] = {}
        for method, path, body in self.seen:
            if job := load_of(method, path, body):
                jobs[job["destinationTable"]["tableId"]] = job
        return jobs

    def refuses(self, method: str, path: str, body: bytes) -> tuple[int, str, str] | None:
        """What BigQuery refuses, or the test."""
        if job := load_of(method, path, body):
            table = job["destinationTable"]["tableId"]
            if self.layouts.setdefault(table, layout_of(job)) != layout_of(job):
                return 400, "invalid", "Incompatible table partitioning specification"
        return next((answer for part, answer in self.refuse.items() if part in path), None)

    def follow(self, method: str, path: str, body: bytes, answer: dict[str, Any]) -> None:
        """Do to tables what the emulator does not."""
        table = path.partition("/tables/")[2].partition("?")[0]
        if method == "DELETE" and table:
            self.layouts.pop(table, None)
        elif method == "GET" and table:
            answer |= self.layouts.get(table, {})
        elif method == "PATCH" and table:
            for one in json.loads(body).get("schema", {}).get("fields", []):
                self.ask(
                    f"alter table {DATASET}.{table} add column if not exists"
                    f" {one['name']} {one['type']}"
                )
        elif copied := answer.get("configuration", {}).get("copy"):
            origin, copy = copied["sourceTables"][0], copied["destinationTable"]
            self.layouts[copy["tableId"]] = self.layouts[origin["tableId"]]

    def ask(self, query: str) -> None:
        asked = {"query": query, "useLegacySql": False}
        place = f"{self.emulator}/bigquery/v2/projects/{PROJECT}/queries"
        self.client.post(place, json=asked).raise_for_status()


def load_of(method: str, path: str, body: bytes) -> dict[str, Any] | None:
    """The load job of an upload."""
    if method != "POST" or not path.startswith("/upload/"):
        return None
    found = re.search(rb'\{"configuration".*?\}\s*(?=\r?\n--|$)', body, re.DOTALL)
    job: dict[str, Any] = json.loads(found[0] if found else body)["configuration"]["load"]
    return job


def layout_of(job: dict[str, Any]) -> dict[str, Any]:
    return {name: job[name] for name in ("timePartitioning", "clustering") if name in job}


def relay_handler(relay: Relay) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_arguments: object) -> None:
            pass

        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            relay.seen.append((self.command, self.path, body))
            for part, seconds in relay.delay.items():
                if part in self.path:
                    time.sleep(seconds)
            if refusal := relay.refuses(self.command, self.path, body):
                status, reason, message = refusal
                error = {"code": status, "message": message, "errors": [{"reason": reason}]}
                self.send(status, {}, json.dumps({"error": error}).encode())
                return
            headers = {
                name: value
                for name, value in self.headers.items()
                if name.lower() not in ("host", "content-length", "accept-encoding")
            }
            got = relay.client.request(
                self.command, relay.emulator + self.path, headers=headers, content=body
            )
            content = got.content
            if got.is_success and "json" in got.headers.get("content-type", ""):
                answer = got.json()
                relay.follow(self.command, self.path, body, answer)
                content = json.dumps(answer).encode()
            kept = ("content-type", "location", "range", "x-guploader-uploadid")
            self.send(
                got.status_code,
                {name: value for name, value in got.headers.items() if name.lower() in kept},
                content,
            )

        def send(self, status: int, headers: dict[str, str], body: bytes) -> None:
            self.send_response(status)
            for name, value in {"content-type": "application/json", **headers}.items():
                self.send_header(name, value.replace(relay.emulator, relay.url))
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer  # noqa: N815

    return Handler


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    rest, grpc = free_port(), free_port()
    url = f"http://127.0.0.1:{rest}"
    emulator = [
        *(sys.executable, "-m", "tests.python.bigquery.emulator", "start"),
        *(f"--rest-port={rest}", f"--grpc-port={grpc}", "--log-level=warning"),
    ]
    # It would download DuckDB's extension for Avro.
    variables = {**os.environ, "BQEMU_ENABLE_FORMAT_EXTENSIONS": "false"}
    with served(emulator, url, tmp_path_factory.mktemp("emulator") / "log", variables):
        yield url


@pytest.fixture
def relay(emulator: str) -> Iterator[Relay]:
    relay = Relay(emulator)
    server = ThreadingHTTPServer(("127.0.0.1", 0), relay_handler(relay))
    relay.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield relay
    server.shutdown()
    thread.join()
    server.server_close()
    relay.client.close()


@pytest.fixture
def client(emulator: str) -> Iterator[Any]:
    """Google's client on an empty dataset."""
    options = ClientOptions(api_endpoint=emulator)
    client = bigquery.Client(PROJECT, AnonymousCredentials(), client_options=options)
    client.create_dataset(DATASET)
    yield client
    client.delete_dataset(DATASET, delete_contents=True)
    client.close()


@pytest.fixture
def warehouse(tmp_path: Path) -> Path:
    path = tmp_path / "warehouse.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(MARTS)
    return path


def command(*arguments: str) -> list[str]:
    if "--project" not in arguments:
        arguments = (*arguments, "--project", PROJECT)
    return ["export", "bigquery", *arguments, "--dataset", DATASET]


def environment(relay: Relay, warehouse: Path) -> dict[str, str]:
    return {
        **os.environ,
        "MAINTAINX_WAREHOUSE": str(warehouse),
        "MAINTAINX_BIGQUERY_ENDPOINT": relay.url,
    }


def export(relay: Relay, warehouse: Path, *arguments: str, expect: int = 0) -> tuple[str, str]:
    process = FORKED.run(command(*arguments), environment(relay, warehouse), timeout=300)
    assert process.returncode == expect, f"{process.returncode}\n{process.stdout}\n{process.stderr}"
    return process.stdout, process.stderr


def rows(client: Any, query: str) -> list[tuple[Any, ...]]:
    return [tuple(row.values()) for row in client.query(query).result()]


SUMS = (
    f"select count(*), sum(work_order_id), round(sum(duration_hours), 6), min(created_at),"
    f" max(created_on) from {DATASET}.fct_work_orders"
)


def test_twice_the_same_counts_and_sums(relay: Relay, client: Any, warehouse: Path) -> None:
    seen = []
    for _ in range(2):
        out, _ = export(relay, warehouse)
        assert re.search(r"plant\.maintainx\.fct_work_orders +1,000 +1,000", out)
        seen.append(rows(client, SUMS))
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        (wanted,) = connection.execute(
            SUMS.replace(DATASET, "marts").replace(
                "min(created_at)", "strftime(min(created_at), '%Y-%m-%dT%H:%M:%S.%f+00:00')"
            )
        ).fetchall()
    (got,) = seen[0]
    assert (*got[:3], got[3].isoformat(timespec="microseconds"), got[4]) == wanted
    assert seen[0] == seen[1]


def test_the_job_says_types_descriptions_partitions_and_clusters(
    relay: Relay, client: Any, warehouse: Path
) -> None:
    export(relay, warehouse)
    job = relay.loads["fct_work_orders"]
    assert job["sourceFormat"] == "PARQUET"
    assert job["writeDisposition"] == "WRITE_TRUNCATE"
    assert job["timePartitioning"] == {"type": "MONTH", "field": "created_on"}
    assert job["clustering"] == {"fields": ["organization_id", "work_order_id"]}
    assert job["destinationTableProperties"] == {
        "description": "One row per work order that is not deleted."
    }
    assert relay.loads["fct_work_order_deletions"]["timePartitioning"]["field"] == "noticed_at"
    assert "timePartitioning" not in relay.loads["dim_users"]
    types = {one["name"]: one["type"] for one in job["schema"]["fields"]}
    assert types["created_at"] == "TIMESTAMP"
    assert types["custom_fields"] == "STRING"
    assert types["duration_hours"] == "FLOAT"
    schema = {one.name: one for one in client.get_table(f"{DATASET}.fct_work_orders").schema}
    assert schema["title"].description == "Title as typed."


def test_personal_data_stays_unless_asked_for(relay: Relay, client: Any, warehouse: Path) -> None:
    export(relay, warehouse)
    names = f"select distinct assignee_names from {DATASET}.fct_work_orders"
    assert "@" not in rows(client, names)[0][0]
    columns = [one.name for one in client.get_table(f"{DATASET}.dim_users").schema]
    assert not {"email", "phone_number", "hourly_rate"} & set(columns)
    client.delete_table(f"{DATASET}.dim_users")
    export(relay, warehouse, "dim_users", "--personal-data")
    ((address, rate),) = rows(client, f"select email, hourly_rate from {DATASET}.dim_users")
    assert (address, float(rate)) == ("ada@plant.example", 42.5)


def test_a_merge_changes_adds_and_removes_by_key(
    relay: Relay, client: Any, warehouse: Path
) -> None:
    export(relay, warehouse, "--merge")
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute(
            "delete from marts.fct_work_orders where work_order_id < 10;"
            "update marts.fct_work_orders set title = 'changed', updated_at = '2030-01-01'"
            " where work_order_id = 10;"
            "insert into marts.fct_work_orders (organization_id, work_order_id) values (1, 5000)"
        )
    export(relay, warehouse, "fct_work_orders", "--merge", "--since", "2030-01-01")
    count = f"select count(*), countif(title = 'changed') from {DATASET}.fct_work_orders"
    assert rows(client, count) == [(1_000, 1)]
    for _ in range(2):
        export(relay, warehouse, "fct_work_orders", "--merge")
        assert rows(client, count) == [(991, 1)]
    left = [one.table_id for one in client.list_tables(DATASET)]
    assert [name for name in left if "staged" in name] == []


def test_a_merge_adds_columns_that_the_mart_gained(
    relay: Relay, client: Any, warehouse: Path
) -> None:
    export(relay, warehouse, "fct_work_orders", "--merge")
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute(
            "alter table marts.fct_work_orders add column shift varchar;"
            "alter table marts.fct_work_orders add column crew_size bigint;"
            "update marts.fct_work_orders set shift = 'night', crew_size = 3"
        )
    relay.seen.clear()
    export(relay, warehouse, "fct_work_orders", "--merge")
    gained = f"select distinct shift, crew_size from {DATASET}.fct_work_orders"
    assert rows(client, gained) == [("night", 3)]
    changes = [path for method, path, body in relay.seen if method == "PATCH" and b"shift" in body]
    assert len(changes) == 1


def test_a_table_with_another_key_is_replaced(relay: Relay, client: Any, warehouse: Path) -> None:
    """The mart of an earlier release lacks a column of the key: its table has no clusters."""
    row = "7 as work_order_id, 1 as deletion_number, date '2026-01-01' as noticed_on"
    table = "create or replace table marts.fct_work_order_deletions as select"
    for columns in (row, f"1 as organization_id, {row}"):
        with duckdb.connect(str(warehouse)) as connection:
            connection.execute(f"{table} {columns}")
        for _ in range(2):
            export(relay, warehouse, "fct_work_order_deletions")
            found = f"select work_order_id, deletion_number from {DATASET}.fct_work_order_deletions"
            assert rows(client, found) == [(7, 1)]
        clusters = relay.layouts["fct_work_order_deletions"].get("clustering")
        key = ["organization_id", "work_order_id", "deletion_number"]
        assert clusters == (None if columns == row else {"fields": key})
    left = [one.table_id for one in client.list_tables(DATASET)]
    assert left == ["fct_work_order_deletions"]


def test_the_raw_log_is_copied_and_then_added_to(relay: Relay, client: Any, tmp_path: Path) -> None:
    raw = RawFile(tmp_path / "warehouse.duckdb")
    upgrade.prepare(raw)
    with raw.transaction() as connection:
        tables = connection.execute("select table_name from duckdb_tables()")
        # A load job of each empty table takes time.
        for (name,) in tables.fetchall():
            if name not in {"_runs", "_schema_version", "work_orders"}:
                connection.execute(f"drop table raw.{name}")
        connection.execute(
            "insert into raw._runs (run_id, command, state, started_at, ended_at)"
            " values ('run', 'extract', 'done', timestamp '2026-01-01', timestamp '2026-01-01')"
        )
    for day, sent, *merge in ((1, 10), (2, 10, "--merge"), (2, 0, "--merge"), (2, 20)):
        with raw.transaction() as connection:
            connection.execute(
                "insert into raw.work_orders select 1, range,"
                " json_object('title', 'Order \"' || range || '\"'), null, 'upsert', 'a',"
                f" timestamp '2026-01-0{day}', 'run' from range({day * 10})"
                f" where range not in (select id from raw.work_orders)"
            )
        out, _ = export(relay, raw.warehouse, "--raw", *map(str, merge))
        assert re.search(rf"plant\.maintainx\.work_orders +{sent} +{day}0\n", out), out
    titles = f"select json_value(payload, '$.title') from {DATASET}.work_orders where id = 19"
    assert rows(client, titles) == [('Order "19"',)]


def test_without_a_key_there_is_no_merge(relay: Relay, client: Any, warehouse: Path) -> None:
    assert client
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("create table marts.dim_dates as select date '2024-01-01' as day")
    export(relay, warehouse, "dim_dates", "--merge")
    _, err = export(relay, warehouse, "dim_dates", "--merge", expect=2)
    assert "dim_dates has no primary key to merge on" in err


@pytest.mark.parametrize(
    ("refusal", "told"),
    [
        ((404, "notFound", "Not found: Project plant"), (2, "is not there")),
        ((403, "accessDenied", "Access Denied: no jobs.create"), (2, "BigQuery Job User")),
        ((403, "quotaExceeded", "Quota exceeded: load jobs"), (1, "a quota of plant is used up")),
        ((400, "invalid", "Bad schema"), (1, "BigQuery did not load")),
    ],
)
def test_refusals_are_told_in_a_line(
    relay: Relay, client: Any, warehouse: Path, refusal: tuple[int, str, str], told: tuple[int, str]
) -> None:
    export(relay, warehouse, "fct_work_orders")
    before = rows(client, SUMS)
    for part in ("/datasets/maintainx", "/upload/"):
        relay.refuse = {part: refusal}
        _, err = export(relay, warehouse, "fct_work_orders", expect=told[0])
        assert told[1] in err
        assert refusal[2] in err
        assert err.count("\n") == 1
    assert rows(client, SUMS) == before


def test_a_wrong_data_set_project_or_name_is_told(
    relay: Relay, client: Any, warehouse: Path
) -> None:
    assert client
    _, err = export(relay, warehouse, "--project", "elsewhere", expect=2)
    assert "elsewhere.maintainx is not there" in err
    _, err = export(relay, warehouse, "work_orders", expect=2)
    assert "name fct_work_orders" in err
    _, err = export(relay, warehouse, "--where", "is_done", expect=2)
    assert "need --merge" in err


def test_killed_midway_the_former_tables_stand(relay: Relay, client: Any, warehouse: Path) -> None:
    export(relay, warehouse, "fct_work_orders")
    before = rows(client, SUMS)
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("delete from marts.fct_work_orders where work_order_id > 100")
    relay.delay = {"/upload/": 30.0}
    relay.seen.clear()
    process = subprocess.Popen(
        [sys.executable, "-m", "loaders", *command("fct_work_orders")],
        cwd=ROOT,
        env=environment(relay, warehouse),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    deadline = time.monotonic() + 60
    while not relay.loads:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    relay.delay = {}
    assert rows(client, SUMS) == before
    export(relay, warehouse, "fct_work_orders")
    assert rows(client, SUMS)[0][0] == 101
