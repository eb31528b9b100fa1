"""A million work orders load in bounded memory; their source makes them up when asked."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from sandbox import Dataset, Sandbox
from tests.python.loaders.conftest import ROOT, Loaders

ORDERS = 1_000_000
LIMIT_MB = 400
FIRST = datetime(2020, 1, 1, tzinfo=UTC)
FILLING = "Checked the coupling, replaced the seal, ran it for an hour. " * 15

RUN_AND_MEASURE = """
import resource, subprocess, sys
code = subprocess.run([sys.executable, "-m", "loaders", "extract", "work_orders", "-q"]).returncode
print(code, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024)
"""


def order(number: int) -> str:
    moment = (FIRST + timedelta(seconds=number)).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    return (
        f'{{"id":{number + 1},"sequentialId":{number + 1},"title":"Order {number}",'
        f'"status":"OPEN","createdAt":"{moment}","updatedAt":"{moment}",'
        f'"description":"{number} {FILLING}"}}'
    )


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_arguments: object) -> None:
        pass

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if parts.path.endswith("/organizations"):
            body = json.dumps({"organizations": [{"id": 1, "name": "Endless"}]})
        else:
            begin = 0
            if since := query.get("updatedAt[gte]"):
                begin = max(0, int((datetime.fromisoformat(since) - FIRST).total_seconds()))
            end = min(ORDERS, begin + int(query["limit"]))
            following = f'"{end}"' if end < ORDERS else "null"
            records = ",".join(map(order, range(begin, end)))
            body = f'{{"workOrders":[{records}],"nextCursor":{following}}}'
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())


@pytest.fixture
def endless() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/v1"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.slow
def test_a_million_work_orders_land_within_400_mb(
    endless: str, dataset: Dataset, tmp_path: Path
) -> None:
    loaders = Loaders(Sandbox(dataset), endless, tmp_path / "warehouse.duckdb")
    for _ in range(2):
        measured = subprocess.run(
            [sys.executable, "-c", RUN_AND_MEASURE],
            cwd=ROOT,
            env=loaders.environment,
            capture_output=True,
            text=True,
            check=True,
        )
        code, megabytes = map(int, measured.stdout.split())
        assert code == 0, measured.stderr
        assert megabytes < LIMIT_MB
    assert loaders.rows("work_orders") == ORDERS
