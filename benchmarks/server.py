"""A server of ready bytes: work orders of equal length, cut from one file by their number.

`python -m benchmarks.server FILE ORDERS CHANGED LIMIT` writes the file, prints the port and serves
until it is terminated. Its work for a request is one `sendfile`, so that it hardly shares the
machine with the process that is measured. GET /changed adds CHANGED orders that were changed since.
LIMIT: requests per minute, more answer 429; 0 for no limit. GET /counts tells the pages and the
refusals so far.
"""

import json
import os
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from socketserver import StreamRequestHandler, ThreadingTCPServer
from typing import IO
from urllib.parse import parse_qs, urlsplit

from sandbox import Quota

FIRST = datetime(2024, 1, 1, tzinfo=UTC)
LENGTH = 1400
HEAD = b'{"workOrders":['
STATUSES = ("OPEN", "IN_PROGRESS", "ON_HOLD", "DONE")


def _order(number: int, position: int) -> bytes:
    """A work order with its expanded asset, parts and costs; updated `position` seconds on."""
    updated_at = (FIRST + timedelta(seconds=position)).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    order = {
        "id": number + 1,
        "sequentialId": number + 1,
        "title": f"Air leak: Kühler {number % 997:03d}",
        "createdAt": "2023-11-17T20:53:15.016Z",
        "updatedAt": updated_at,
        "status": STATUSES[number % 4],
        "priority": "LOW",
        "type": "REACTIVE",
        "creatorId": 318215 + number % 37,
        "completedAt": updated_at if number % 4 == 3 else None,
        "dueDate": None,
        "locationId": 1204350 + number % 101,
        "organizationId": 1,
        "assetId": 5403923 + number % 997,
        "parentId": None,
        "partsAvailability": "PARTS_UNAVAILABLE",
        "assignees": [{"type": "USER", "id": 318219 + number % 37}],
        "categories": ["Mechanical", "Safety"],
        "vendorIds": [],
        "parts": [
            {
                "id": 3310094 + number % 499,
                "name": "Coupling insert",
                "description": None,
                "area": "A-18",
                "unitCost": 2545,
                "availableQuantity": number % 24,
                "barcode": f"P{3310094 + number % 499}",
                "quantityUsed": 1,
            }
        ],
        "timeItems": [
            {"type": "TIME", "quantity": 2.74, "rowTotal": 7809, "userId": 318243 + number % 37}
        ],
        "expenditures": [{"type": "PART", "costPerUnit": 2545, "quantity": 1, "rowTotal": 2545}],
        "extraFields": {"Notes": "n/a", "Counter": str(number)},
        "asset": {
            "id": 5403923 + number % 997,
            "name": f"Kühler {number % 997:03d}",
            "description": None,
            "criticalityId": None,
            "locationId": 1204350 + number % 101,
            "serialNumber": f"SN{45731546 + number % 997}",
        },
        "description": f"{number} at {position}: ",
    }
    text = json.dumps(order, ensure_ascii=False, separators=(",", ":")).encode()[:-2]
    filling = b"Checked the coupling, replaced the seal, ran it for an hour. " * 20
    return text + filling[: LENGTH - len(text) - 3] + b'"},'


def _orders(orders: int, changed: int) -> Iterator[bytes]:
    for number in range(orders):
        yield _order(number, number)
    for number in range(changed):
        yield _order(number * (orders // changed), orders + number)


class _Handler(StreamRequestHandler):
    file: IO[bytes]
    orders: int
    changed: int
    quota: Quota | None
    pages = 0
    refused = 0
    # The body follows in a write of its own, which must not wait for an acknowledgement.
    disable_nagle_algorithm = True

    def handle(self) -> None:
        while line := self.rfile.readline():
            while self.rfile.readline().strip():
                pass
            parts = urlsplit(line.split()[1].decode())
            query = {key: values[0] for key, values in parse_qs(parts.query).items()}
            if parts.path.endswith("/changed"):
                type(self).orders += self.changed
            if parts.path.endswith("/counts"):
                counts = {"pages": self.pages, "refused": self.refused}
                self._send(json.dumps(counts).encode())
            elif parts.path.endswith("/workorders"):
                self._limited(query)
            else:
                self._send(b'{"organizations":[{"id":1,"name":"Plant"}],"nextCursor":null}')

    def _send(
        self, body: bytes, length: int = 0, status: str = "200 OK", headers: str = ""
    ) -> None:
        head = f"HTTP/1.1 {status}\r\ncontent-length: {length or len(body)}\r\n{headers}\r\n"
        self.wfile.write(head.encode() + body)

    def _limited(self, query: dict[str, str]) -> None:
        """A page, or a 429 as the API sends it: with the three headers, without Retry-After."""
        if self.quota is None:
            self._page(query)
            return
        allowed, remaining, reset = self.quota.take("key")
        headers = (
            f"X-Rate-Limit-Limit: {self.quota.limit}\r\n"
            f"X-Rate-Limit-Remaining: {remaining}\r\nX-Rate-Limit-Reset: {reset}\r\n"
        )
        if allowed:
            self._page(query, headers)
        else:
            type(self).refused += 1
            said = f'{{"error":"Too many requests. Please retry in {reset} seconds"}}'
            self._send(said.encode(), status="429 Too Many Requests", headers=headers)

    def _page(self, query: dict[str, str], headers: str = "") -> None:
        type(self).pages += 1
        begin = int(query.get("cursor", 0))
        if (since := query.get("updatedAt[gte]")) and "cursor" not in query:
            begin = max(0, int((datetime.fromisoformat(since) - FIRST).total_seconds()))
        end = min(self.orders, begin + int(query.get("limit", 200)))
        cursor = f'"{end}"' if end < self.orders else "null"
        tail = f'],"nextCursor":{cursor}}}'.encode()
        size = max(0, (end - begin) * LENGTH - 1)
        self._send(HEAD, len(HEAD) + size + len(tail), headers=headers)
        sent = 0
        while sent < size:
            sent += os.sendfile(
                self.connection.fileno(), self.file.fileno(), begin * LENGTH + sent, size - sent
            )
        self.wfile.write(tail)


class _Server(ThreadingTCPServer):
    daemon_threads = True


def main(path: Path, orders: int, changed: int, limit: int) -> None:
    """Serve until terminated."""
    with path.open("wb") as out:
        out.writelines(_orders(orders, changed))
    with path.open("rb") as file:
        _Handler.file, _Handler.orders, _Handler.changed = file, orders, changed
        _Handler.quota = Quota(limit) if limit else None
        with _Server(("127.0.0.1", 0), _Handler) as server:
            sys.stdout.write(f"{server.server_address[1]}\n")
            sys.stdout.flush()
            server.serve_forever()


if __name__ == "__main__":
    main(Path(sys.argv[1]), *map(int, sys.argv[2:]))
