"""A MaintainX that answers anything: a real server whose answers a test decides by path.

Without a rule of the test it is well behaved: one organization, empty lists but for the records
that the test gives, the filters and sort orders that the loaders use, a record at its own address.
"""

import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from operator import ge, le
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from loaders.maintainx.catalogue import CATALOGUE, Resource

ORGANIZATION = {"id": 7, "name": "Plant", "timeZone": "America/Chicago", "currency": "USD"}
BY_PATH: dict[str, Resource] = {}
for _resource in CATALOGUE.values():
    BY_PATH.setdefault(_resource.path, _resource)


@dataclass(frozen=True)
class Request:
    """path: below the base URL, such as /teams/3. number: 1 for the first request of that path."""

    path: str
    query: list[tuple[str, str]]
    number: int

    def get(self, key: str) -> str | None:
        return dict(self.query).get(key)


@dataclass(frozen=True)
class Answer:
    """What is sent. text: sent as UTF-8, bytes as they are, anything else as JSON.

    pause: seconds between two bytes of the body; pause_headers: between two bytes of the head.
    wire: sent as it is instead of all this; the connection ends then.
    """

    body: Any = ""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    pause: float = 0.0
    pause_headers: float = 0.0
    wire: bytes | None = None

    @property
    def content(self) -> bytes:
        if isinstance(self.body, bytes):
            return self.body
        return (self.body if isinstance(self.body, str) else json.dumps(self.body)).encode()


@dataclass
class Hostile:
    """The server's state.

    records: by path, what a list holds; a text is sent as it stands. rules: by path, an answer or
    a function of the request that gives one; None leaves it to the well-behaved server.
    """

    records: dict[str, list[Any]] = field(default_factory=dict)
    rules: dict[str, Answer | Callable[[Request], Answer | None]] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def asked(self, path: str) -> list[Request]:
        return [request for request in self.requests if request.path == path]

    def answer(self, path: str, query: list[tuple[str, str]]) -> Answer:
        with self._lock:
            request = Request(path, query, len(self.asked(path)) + 1)
            self.requests.append(request)
        rule = self.rules.get(path)
        given = rule(request) if callable(rule) else rule
        return given or self._behaved(request)

    def _behaved(self, request: Request) -> Answer:
        if request.path in BY_PATH:
            resource = BY_PATH[request.path]
            return Answer(page(resource, self._selected(request)))
        address = re.fullmatch(r"(/\w+)/(\d+)", request.path)
        resource_of_one = BY_PATH.get(address[1]) if address else None
        if address and resource_of_one:
            for text in self._texts(address[1]):
                if json.loads(text).get("id") == int(address[2]):
                    return Answer(f'{{"{resource_of_one.record}": {text}}}')
        return Answer({"error": "Not found"}, 404)

    def _texts(self, path: str) -> list[str]:
        default = [ORGANIZATION] if path == "/organizations" else []
        return [
            one if isinstance(one, str) else json.dumps(one)
            for one in self.records.get(path, default)
        ]

    def _selected(self, request: Request) -> list[str]:
        texts = self._texts(request.path)
        if request.get("parentSubWorkOrderTypes"):
            return []
        rows = [(json.loads(text), text) for text in texts]
        if not all(isinstance(row, dict) for row, _ in rows):
            return texts
        for key, value in request.query:
            if bound := re.fullmatch(r"(\w+)\[(gte|lte)\]", key):
                name, compare = bound[1], ge if bound[2] == "gte" else le
                rows = [
                    row for row in rows if row[0].get(name) and compare(str(row[0][name]), value)
                ]
            if key == "statuses":
                rows = [row for row in rows if row[0].get("status") == value]
        sort = request.get("sort") or "id"
        rows.sort(key=lambda row: str(row[0].get(sort.lstrip("-"))), reverse=sort.startswith("-"))
        return [text for _, text in rows]


def page(resource: Resource, records: list[Any], cursor: str | None = None) -> str:
    """The text of a page of a list."""
    texts = [one if isinstance(one, str) else json.dumps(one) for one in records]
    listed = f"[{', '.join(texts)}]"
    if resource.collection is None:
        return listed
    return f'{{"{resource.collection}": {listed}, "nextCursor": {json.dumps(cursor)}}}'


@contextmanager
def serving(hostile: Hostile) -> Iterator[str]:
    """Serve on a free port of 127.0.0.1; gives the base URL."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_arguments: object) -> None:
            pass

        def do_GET(self) -> None:
            # A gateway may take it for another address than that without it.
            assert not self.path.endswith("?")
            url = urlsplit(self.path)
            answer = hostile.answer(url.path.removeprefix("/v1"), parse_qsl(url.query))
            if answer.wire is not None:
                self._send(answer.wire, 0)
                self.close_connection = True
                return
            content = answer.content
            lines = [f"HTTP/1.1 {answer.status} Said", f"content-length: {len(content)}"]
            lines += [f"{name}: {value}" for name, value in answer.headers.items()]
            self._send("\r\n".join([*lines, "", ""]).encode("latin-1"), answer.pause_headers)
            self._send(content, answer.pause)

        def _send(self, content: bytes, pause: float) -> None:
            pieces = [content] if not pause else [bytes([one]) for one in content]
            try:
                for piece in pieces:
                    self.wfile.write(piece)
                    time.sleep(pause)
            except OSError:
                self.close_connection = True

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        block_on_close = False

        def handle_error(self, *_arguments: object) -> None:
            """A client that goes away is what many tests are about."""

    server = Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/v1"
    finally:
        server.shutdown()
        server.server_close()
