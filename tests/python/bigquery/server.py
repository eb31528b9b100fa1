"""BigQuery's REST API on a socket, as much of it as `dbt test` needs, over the evaluator.

A query is evaluated. A table that is created from a query has the columns of the query and no rows.
The statements of a script are analyzed, but change nothing.
"""

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from zetasql.wasi._pb2.zetasql.public import type_pb2

from tests.python.bigquery.evaluator import EPOCH, BigQuery, Columns, RefusedError, Table

PREFIX = "/bigquery/v2/projects/plant/"
# The table that BigQuery creates for the result of a query.
RESULTS = "results"
CREATED = re.compile(r"\s*create (?:or replace )?table (`\S+`)[^;]*?\sas \((.*)\);?\s*", re.DOTALL)
READING = re.compile(r"(\s|--.*\n)*(select|with)\b")
CHANGING = re.compile(r"^\s*(delete|insert|merge|update)\b", re.MULTILINE)
TYPE_NAMES = {
    type_pb2.TYPE_INT64: "INTEGER",
    type_pb2.TYPE_DOUBLE: "FLOAT",
    type_pb2.TYPE_BOOL: "BOOLEAN",
    type_pb2.TYPE_STRING: "STRING",
    type_pb2.TYPE_DATE: "DATE",
    type_pb2.TYPE_TIMESTAMP: "TIMESTAMP",
    type_pb2.TYPE_NUMERIC: "NUMERIC",
    type_pb2.TYPE_JSON: "JSON",
}


class Server:
    """Answers requests with a status and a resource."""

    def __init__(self, bigquery: BigQuery, is_free: bool) -> None:
        self._bigquery = bigquery
        self._is_free = is_free
        self._jobs: dict[str, dict[str, Any]] = {}
        self._lock = threading.Lock()

    def answer(self, method: str, path: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        answer = _error(501, "notImplemented", f"{method} {path}")
        match method, *path.removeprefix(PREFIX).split("/"):
            case "POST", "jobs":
                answer = self._start(body)
            case "GET", "jobs", job:
                answer = 200, self._jobs[job]
            case "GET", "queries", job:
                answer = self._result(job)
            case "GET", "datasets", dataset, "tables":
                names = self._bigquery.names(dataset)
                answer = 200, {"tables": [_table(dataset, name) for name in names]}
            case "GET", "datasets", dataset, "tables", name:
                table = self._bigquery.table(dataset, name)
                answer = _error(404, "notFound", f"Not found: Table {dataset}.{name}")
                if table is not None:
                    answer = 200, {**_table(dataset, name), **_described(table)}
            case "DELETE", "datasets", _, "tables", _:
                answer = 204, {}
            case "GET", "datasets":
                answer = 200, {"datasets": []}
            case "GET", "datasets", dataset:
                reference = {"projectId": "plant", "datasetId": dataset}
                answer = 200, {"datasetReference": reference}
            case "POST", "datasets":
                answer = 200, body
        return answer

    def _start(self, job: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        query = job["configuration"]["query"]
        reference = {"projectId": "plant", "location": "US", **job["jobReference"]}
        try:
            with self._lock:
                statement, table = self._run(re.sub(r"/\*.*?\*/", "", query["query"], flags=re.S))
                self._bigquery.add(f"`{RESULTS}`.`{reference['jobId']}`", table)
        except RefusedError as error:
            return _error(400, "invalidQuery", str(error))
        query["destinationTable"] = _table(RESULTS, reference["jobId"])["tableReference"]
        job |= {
            "jobReference": reference,
            "status": {"state": "DONE"},
            "statistics": {"query": {"statementType": statement, "totalBytesProcessed": "0"}},
        }
        self._jobs[reference["jobId"]] = job
        return 200, job

    def _run(self, sql: str) -> tuple[str, Table]:
        if created := CREATED.fullmatch(sql):
            table = self._bigquery.empty(created[2])
            self._bigquery.add(created[1], table)
            return "CREATE_TABLE_AS_SELECT", table
        if READING.match(sql):
            # A unit test has made an empty table of the same statement before.
            return "SELECT", self._bigquery.evaluate(sql, is_known=True)
        if self._is_free and CHANGING.search(sql):
            raise RefusedError("Billing has not been enabled. DML queries are not allowed.")
        self._bigquery.analyze(sql)
        return "SCRIPT", Table.of({}, [])

    def _result(self, job: str) -> tuple[int, dict[str, Any]]:
        table = self._bigquery.table(RESULTS, job)
        assert table is not None
        rows = [{"f": [{"v": _text(value)} for value in row.values()]} for row in table.rows()]
        done = {"jobReference": self._jobs[job]["jobReference"], "jobComplete": True}
        return 200, {**done, **_described(table), "totalRows": str(len(rows)), "rows": rows}


def _table(dataset: str, name: str) -> dict[str, Any]:
    reference = {"projectId": "plant", "datasetId": dataset, "tableId": name}
    return {"tableReference": reference, "type": "TABLE"}


def _described(table: Table) -> dict[str, Any]:
    return {"schema": {"fields": _fields(table.columns)}, "numRows": str(len(table))}


def _fields(columns: Columns) -> list[dict[str, str]]:
    return [
        {"name": name, "type": TYPE_NAMES[kind.type_kind], "mode": "NULLABLE"}
        for name, kind in columns.items()
    ]


def _text(value: Any) -> str | None:
    match value:
        case None:
            return None
        case bool():
            return str(value).lower()
        case Decimal():
            return f"{value:f}"
        case datetime():
            return str((value - EPOCH) // timedelta(microseconds=1))
    return str(value)


def _error(status: int, reason: str, message: str) -> tuple[int, dict[str, Any]]:
    errors = [{"reason": reason, "message": message}]
    return status, {"error": {"code": status, "message": message, "errors": errors}}


@contextmanager
def served(bigquery: BigQuery, is_free: bool = False) -> Iterator[str]:
    """The URL of a server for the tables of `bigquery`; is_free: it refuses to change them."""
    server = Server(bigquery, is_free)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_arguments: object) -> None:
            pass

        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            path = urlsplit(self.path).path
            status, resource = server.answer(self.command, path, json.loads(body or b"{}"))
            encoded = json.dumps(resource).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(encoded)))
            self.end_headers()
            self.wfile.write(encoded)

        do_GET = do_POST = do_PATCH = do_DELETE = answer  # noqa: N815

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        thread = threading.Thread(target=http.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{http.server_address[1]}"
        http.shutdown()
        thread.join()
