"""Serves the sandbox on a socket: HTTP/1.1 with keep-alive, and real network faults."""

import contextlib
import signal
import socket
import struct
import sys
import threading
from collections.abc import Collection, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from sandbox.api.answers import Answer, answer
from sandbox.api.faults import Fault, Kind
from sandbox.api.state import Request, Sandbox
from sandbox.api.webhooks import Trouble
from sandbox.plant.clock import instant

LOGIN_PAGE = b"<!DOCTYPE html><html><head><title>Sign in</title></head><body>Sign in</body></html>"
USUAL_BODIES = {
    401: '{"error":"Unauthorized"}',
    403: '{"error":"This feature is not available on your plan."}',
    404: '{"error":"Not Found."}',
    429: '{"error":"Too many requests. Please retry in 1 seconds"}',
    502: "<html><body><h1>502 Bad Gateway</h1></body></html>",
    503: "<html><body><h1>503 Service Temporarily Unavailable</h1></body></html>",
}


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.ending = threading.Event()
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        super().__init__(address, _Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._lock:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Report errors, except a client that disconnects during an answer."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)

    def end(self) -> None:
        """Stop listening and close every connection."""
        self.ending.set()
        self.shutdown()
        with self._lock:
            for connection in self._open:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
        self.server_close()


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    server_version = "sandbox"
    disable_nagle_algorithm = True
    wbufsize = -1

    def log_message(self, format: str, *args: Any) -> None:
        """Print nothing: the sandbox keeps its own request log."""

    def date_time_string(self, timestamp: float | None = None) -> str:
        """Answers have the date of the sandbox's clock, like its records."""
        if timestamp is None:
            timestamp = instant(self.server.sandbox.now) / 1000
        return super().date_time_string(timestamp)

    def do_GET(self) -> None:
        self._answer("GET", b"")

    def do_POST(self) -> None:
        self._answer("POST", self.rfile.read(int(self.headers.get("content-length", "0"))))

    def _answer(self, method: str, body: bytes) -> None:
        sandbox = self.server.sandbox
        request = sandbox.log(method, self.path, body)
        headers = {name.lower(): value for name, value in self.headers.items()}
        fault = sandbox.fault(request)
        if fault is None:
            self._send(answer(sandbox, request, headers))
        else:
            self._fail(fault, request, headers)

    def _fail(self, fault: Fault, request: Request, headers: dict[str, str]) -> None:
        if fault.kind in (Kind.RESET, Kind.HANG):
            self._hang_up(fault)
            return
        if fault.kind in (Kind.SLOW, Kind.TRUNCATE):
            self.server.ending.wait(fault.seconds)
            true = answer(self.server.sandbox, request, headers)
            self._send(true, cut=fault.kind is Kind.TRUNCATE)
            return
        if fault.kind is Kind.STATUS:
            body = fault.body or USUAL_BODIES.get(fault.status, '{"error":"Something went wrong"}')
            given = Answer(fault.status, body.encode(), dict(fault.headers))
        elif fault.kind is Kind.HTML:
            given = Answer(200, LOGIN_PAGE, {"Content-Type": "text/html; charset=utf-8"})
        else:
            given = Answer(200, b"")
        request.status = given.status
        self._send(given)

    def _hang_up(self, fault: Fault) -> None:
        if fault.kind is Kind.HANG:
            self.server.ending.wait(fault.seconds)
        else:
            # SO_LINGER with zero seconds makes close() send a TCP reset.
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
        self.close_connection = True

    def _send(self, given: Answer, *, cut: bool = False) -> None:
        body = given.body[: len(given.body) // 2] if cut else given.body
        self.close_connection = self.close_connection or cut
        self.send_response(given.status)
        for name, value in (
            {"Content-Type": "application/json; charset=utf-8"} | given.headers
        ).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(given.body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()


@contextlib.contextmanager
def serve(sandbox: Sandbox, host: str = "127.0.0.1", port: int = 0) -> Iterator[str]:
    """Serve while the block runs; yields the base URL. Port 0 takes any free port.

    Raises OSError if the port is in use.
    """
    server = _Server((host, port), sandbox)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://{host}:{server.server_address[1]}/v1"
    finally:
        server.end()
        thread.join()


def run(
    sandbox: Sandbox,
    host: str = "127.0.0.1",
    port: int = 0,
    change_every: float | None = None,
    troubles: Collection[Trouble] = (),
) -> None:
    """Serve until SIGINT or SIGTERM; prints one line with the URL, a key and counts.

    change_every: seconds between two changes of a work order, each with its webhooks; None: no
    changes. Call it in the main thread. Raises OSError if the port is in use.
    """
    stop = threading.Event()
    former = {
        number: signal.signal(number, lambda *_: stop.set())
        for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        with serve(sandbox, host, port) as url:
            counts = sandbox.dataset.counts()
            print(
                f"sandbox at {url} key {next(iter(sandbox.keys))}"
                f" organizations {','.join(map(str, sandbox.organization_ids))}"
                f" work_orders {counts['work_orders']} records {sum(counts.values())}",
                flush=True,
            )
            turn = 0
            while not stop.wait(change_every):
                turn += 1
                orders = sandbox.table("work_orders", sandbox.organization_ids[0]).ids()
                sandbox.update("work_orders", orders[-turn % len(orders)], title=f"Change {turn}")
                sandbox.webhooks.deliver(troubles, turn)
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)
