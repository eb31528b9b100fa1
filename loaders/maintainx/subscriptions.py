"""Webhook subscriptions of the account.

The published description shows how to read one and its secret. That `POST /subscriptions` takes
`type` and `url` is what public integrations send; the published description has no POST.
"""

import json
from collections.abc import Mapping
from typing import Any

from loaders.errors import BadAnswerError
from loaders.maintainx.catalogue import NO_PARAMETERS
from loaders.maintainx.client import Client


def subscribe(client: Client, event: str, url: str) -> tuple[int, str]:
    """Subscribe `url` to an event; the id and the status: VALID, or PENDING_APPROVAL until
    MaintainX's support approves. Raises ApiError; a failed request is not repeated, because it may
    have made the subscription."""

    def read(content: bytes) -> tuple[int, str]:
        found = _object(content)
        inner = found.get("subscription")
        found = inner if isinstance(inner, dict) else found
        if type(found.get("id")) is not int:
            raise BadAnswerError("the answer names no id of a subscription")
        return found["id"], str(found.get("status"))

    return client.post("/subscriptions", {"type": event, "url": url}, read)


def secret(client: Client, number: int) -> str:
    """The secret of a subscription. Raises ApiError."""

    def read(content: bytes) -> str:
        found = _object(content).get("secret")
        if not isinstance(found, str) or not found.isprintable() or "," in found:
            raise BadAnswerError("the answer holds no secret that MAINTAINX_WEBHOOK_SECRETS can")
        return found

    return client.get(f"/subscriptions/{number}/secret", NO_PARAMETERS, None, read)


def _object(content: bytes) -> Mapping[str, Any]:
    try:
        value = json.loads(content)
    except (ValueError, RecursionError):
        value = None
    return value if isinstance(value, dict) else {}
