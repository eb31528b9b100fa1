"""Receives webhooks: an ASGI application that keeps a signal per delivery and reads nothing.

MaintainX deletes a subscription whose deliveries fail, so all that is signed is answered with 2xx
once it is on disk, also what is not understood.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from loaders.maintainx import webhooks
from loaders.maintainx.webhooks import EVENTS, IGNORED, NotSignedError, UnknownEventError
from loaders.warehouse import signals
from loaders.warehouse.signals import Signal

log = logging.getLogger(__name__)

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Scope]]
Send = Callable[[Scope], Awaitable[None]]

# Bytes of a body; those of MaintainX have some hundreds.
LARGEST_BODY = 256 * 1024
# Characters of a body that a dead letter keeps.
LARGEST_LETTER = 2000
BODY_SIGNATURE = b"x-maintainx-webhook-body-signature"
URI_SIGNATURE = b"x-maintainx-webhook-uri-signature"


class _TooLargeError(Exception):
    """The body has more than LARGEST_BODY bytes."""


class _GoneError(Exception):
    """The sender disconnected before the end of the body."""


@dataclass(frozen=True)
class Receiver:
    """The ASGI application. warehouse: the signals stand beside it. secrets: of the subscriptions.

    public_url: what stands before the path in the URL that MaintainX knows; None: scheme and host
    of the request.
    """

    warehouse: Path
    secrets: list[bytes]
    public_url: str | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            raise NotImplementedError(scope["type"])
        with contextlib.suppress(_GoneError):
            status = await self._status(scope, receive)
            await send({"type": "http.response.start", "status": status, "headers": []})
            await send({"type": "http.response.body"})

    async def _status(self, scope: Scope, receive: Receive) -> int:
        arrived = time.time()
        if scope["method"] != "POST":
            return 405
        try:
            body = await _body(scope, receive)
        except _TooLargeError:
            log.warning("a delivery has more than %d bytes: refused", LARGEST_BODY)
            return 413
        try:
            headers = dict(scope["headers"])
            for name, content in ((BODY_SIGNATURE, body), (URI_SIGNATURE, self._uri(scope))):
                header = headers.get(name, b"").decode("latin-1")
                webhooks.verify(header, content, self.secrets, arrived)
        except NotSignedError as error:
            log.warning("a delivery is refused: %s", error)
            return 401
        try:
            # The disk must not keep other deliveries waiting.
            await asyncio.to_thread(self._keep, scope["path"], body, arrived)
        except OSError as error:
            log.error("a delivery was not kept, MaintainX sends it again: %s", error.strerror)
            return 503
        return 204

    def _uri(self, scope: Scope) -> bytes:
        """The full URI as MaintainX has signed it."""
        host = dict(scope["headers"]).get(b"host", b"")
        start = (self.public_url or f"{scope['scheme']}://{host.decode('latin-1')}").encode()
        path, query = bytes(scope["raw_path"]), bytes(scope["query_string"])
        return start + path + (b"?" + query if query else b"")

    def _keep(self, path: str, body: bytes, arrived: float) -> None:
        """Write down a signed delivery. Raises OSError."""
        received = datetime.fromtimestamp(arrived, UTC).isoformat(timespec="milliseconds")
        try:
            delivery = webhooks.read(path, body)
        except UnknownEventError as error:
            log.error("a signed delivery to %r is a dead letter: %s", path, error)
            text = body.decode(errors="replace")[:LARGEST_LETTER]
            letter = {"received": received, "path": path, "reason": str(error), "body": text}
            signals.append(signals.dead_letters_of(self.warehouse), letter)
            return
        if delivery.event in IGNORED:
            log.info("%s is ignored: %s", delivery.event, IGNORED[delivery.event])
            return
        name = EVENTS[delivery.event][0]
        signal = Signal(
            received, delivery.event, name, delivery.organization_id, delivery.record_id
        )
        signals.append(signals.path_of(self.warehouse), asdict(signal))
        log.info("%s: %s %s", signal.event, name, signal.id or "(whole list)")


async def _body(scope: Scope, receive: Receive) -> bytes:
    """The body, raw. Raises _TooLargeError before it holds one that is too large."""
    length = dict(scope["headers"]).get(b"content-length", b"0")
    if length.isdigit() and int(length) > LARGEST_BODY:
        raise _TooLargeError
    body = b""
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise _GoneError
        body += bytes(message.get("body", b""))
        if len(body) > LARGEST_BODY:
            raise _TooLargeError
        if not message.get("more_body"):
            return body
