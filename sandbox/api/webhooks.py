"""Webhooks of the sandbox: subscriptions, and a signed POST for each change, with faults."""

import hmac
import http.client
import json
import random
import secrets
import threading
import time
from collections import Counter
from collections.abc import Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

SECRET = "sandbox-secret"  # noqa: S105  of the sandbox
TIMEOUT = 10
BURST = 1_000
SENDERS = 50
LARGE = 1_000_000
# Older than a receiver takes.
STALE_SECONDS = 360

# The event of a change, and the key of the record's id in its payload.
EVENTS: Mapping[tuple[str, str], tuple[str, str]] = MappingProxyType(
    {
        ("work_orders", "insert"): ("NEW_WORK_ORDER", "workOrderId"),
        ("work_orders", "update"): ("WORK_ORDER_CHANGE", "workOrderId"),
        ("work_orders", "delete"): ("WORK_ORDER_DELETE", "workOrderId"),
        ("assets", "insert"): ("NEW_ASSET", "assetId"),
        ("asset_statuses", "insert"): ("ASSET_STATUS_CHANGE", "assetId"),
        ("locations", "insert"): ("NEW_LOCATION", "locationId"),
        ("users", "insert"): ("USER_INVITED", "userId"),
        ("users", "delete"): ("USER_REMOVED", "userId"),
        ("parts", "insert"): ("NEW_PART", "partId"),
        ("parts", "update"): ("PART_CHANGE", "partId"),
        ("parts", "delete"): ("PART_DELETE", "partId"),
        ("purchase_orders", "insert"): ("NEW_PURCHASE_ORDER", "purchaseOrderId"),
        ("purchase_orders", "update"): ("PURCHASE_ORDER_CHANGE", "purchaseOrderId"),
        ("vendors", "insert"): ("NEW_VENDOR", "vendorId"),
        ("meter_triggers", "update"): ("METER_TRIGGER_STATE_CHANGE", "meterTriggerId"),
        ("work_requests", "insert"): ("NEW_WORK_REQUEST", "workRequestId"),
        ("work_requests", "update"): ("WORK_REQUEST_STATUS_CHANGE", "requestId"),
        ("part_transfer_requests", "insert"): ("PART_TRANSFER", "partTransferRequestId"),
    }
)


class Trouble(StrEnum):
    """What happens to deliveries. Each event still arrives once, sooner or later.

    LATE: half of the events wait for the next time. TWICE: each is sent twice. SHUFFLED: in any
    order. FORGED, STALE, LARGE: beside each, one with another secret, one signed six minutes ago,
    one of 1 MB. BURST: the last one is sent 1,000 times.
    """

    LATE = "late"
    TWICE = "twice"
    SHUFFLED = "shuffled"
    FORGED = "forged"
    STALE = "stale"
    LARGE = "large"
    BURST = "burst"


@dataclass(frozen=True)
class Subscription:
    """One subscription: deliveries of one type of event to one URL."""

    id: int
    type: str
    url: str
    secret: str


@dataclass(frozen=True)
class Post:
    """One signed request."""

    url: str
    headers: Mapping[str, str]
    body: bytes


class Webhooks:
    """The subscriptions of an account, and the deliveries that wait. Thread-safe."""

    def __init__(self) -> None:
        self.subscriptions: dict[int, Subscription] = {}
        self._waiting: list[tuple[Subscription, dict[str, Any]]] = []
        self._lock = threading.Lock()

    def subscribe(self, event: str, url: str, secret: str | None = None) -> Subscription:
        """Add a subscription, by default with a secret of its own."""
        with self._lock:
            number = 900 + len(self.subscriptions)
            added = Subscription(number, event, url, secret or secrets.token_hex(16))
            self.subscriptions[number] = added
            return added

    def subscribe_all(self, url: str, secret: str = SECRET) -> None:
        """Subscribe each event of the sandbox to `url/EVENT`, with one secret."""
        for event, _ in EVENTS.values():
            self.subscribe(event, f"{url}/{event}", secret)

    def happened(self, kind: str, name: str, organization_id: int, record: dict[str, Any]) -> None:
        """Queue the deliveries of a change. kind: insert, update or delete of a record."""
        event, key = EVENTS.get((name, kind), ("", ""))
        number = record["assetId"] if name == "asset_statuses" else record["id"]
        moment = time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime())
        payload = {"eventType": event, "occurredAt": moment, "orgId": organization_id, key: number}
        with self._lock:
            self._waiting += [
                (each, payload) for each in self.subscriptions.values() if each.type == event
            ]

    def deliver(self, troubles: Collection[Trouble] = (), seed: int = 0) -> Counter[int]:
        """Send what waits; the number of answers by status, 0 where nobody answers.

        What was not answered with 2xx is sent again the next time, but for forged, stale and large
        ones, which are made for this time alone.
        """
        draw = random.Random(seed)
        with self._lock:
            now, self._waiting = self._waiting, []
        later = []
        if Trouble.LATE in troubles:
            draw.shuffle(now)
            now, later = now[: len(now) // 2], now[len(now) // 2 :]
        junk = [post for each in now for post in _junk(troubles, *each)]
        if Trouble.TWICE in troubles:
            now *= 2
        if Trouble.BURST in troubles:
            now += now[-1:] * (BURST - 1)
        mixed = [*((signed(*each), each) for each in now), *((post, None) for post in junk)]
        if Trouble.SHUFFLED in troubles:
            draw.shuffle(mixed)
        if Trouble.BURST in troubles or Trouble.SHUFFLED in troubles:
            with ThreadPoolExecutor(SENDERS) as pool:
                statuses = list(pool.map(lambda pair: sent(pair[0]), mixed))
        else:
            statuses = [sent(post) for post, _ in mixed]
        for status, (_, each) in zip(statuses, mixed, strict=True):
            if each is not None and not 200 <= status < 300 and each not in later:
                later.append(each)
        with self._lock:
            self._waiting = later + self._waiting
        return Counter(statuses)


def signed(
    subscription: Subscription,
    payload: dict[str, Any] | bytes,
    *,
    secret: str | None = None,
    moment: float | None = None,
) -> Post:
    """A delivery with both signatures. secret: of the subscription if None. moment: of signing,
    UTC epoch seconds; now if None."""
    body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    key = (secret or subscription.secret).encode()
    stamp = str(int(time.time() if moment is None else moment))
    headers = {"content-type": "application/json"}
    for part, content in (("body", body), ("uri", subscription.url.encode())):
        digest = hmac.new(key, f"{stamp}.".encode() + content, "sha256").hexdigest()
        headers[f"x-maintainx-webhook-{part}-signature"] = f"t={stamp},v1={digest}"
    return Post(subscription.url, headers, body)


def _junk(
    troubles: Collection[Trouble], subscription: Subscription, payload: dict[str, Any]
) -> list[Post]:
    found = []
    if Trouble.FORGED in troubles:
        found.append(signed(subscription, payload, secret="forged"))  # noqa: S106
    if Trouble.STALE in troubles:
        found.append(signed(subscription, payload, moment=time.time() - STALE_SECONDS))
    if Trouble.LARGE in troubles:
        found.append(signed(subscription, {**payload, "note": "x" * LARGE}))
    return found


def sent(post: Post) -> int:
    """Send a request; the status of its answer, 0 where nobody answers."""
    parts = urlsplit(post.url)
    kinds = {"http": http.client.HTTPConnection, "https": http.client.HTTPSConnection}
    connection = kinds[parts.scheme](parts.netloc, timeout=TIMEOUT)
    try:
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        connection.request("POST", target or "/", post.body, dict(post.headers))
        return int(connection.getresponse().status)
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()
