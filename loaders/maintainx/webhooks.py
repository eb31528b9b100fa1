"""Webhooks of MaintainX: which list each event is about, and whether a delivery is signed.

A delivery is a hint and no data: it says which record to read again. So the payload needs no trust,
may come late, twice or in any order, and nothing of it but an id is kept.
"""

import hmac
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from loaders.maintainx.catalogue import CATALOGUE
from loaders.maintainx.records import LARGEST_ID

# Seconds between the signing of a delivery and its arrival, as MaintainX advises.
TOLERANCE = 300
# A greater timestamp counts milliseconds: the unit is not documented.
MILLISECONDS_FROM = 10**12
DIGITS = re.compile(r"[0-9]{1,16}")

_ORDERS = ("work_orders", "parent_work_orders")
_NO_LIST = "no list of the warehouse has it"
_SECURITY = "it is about access to MaintainX, which no list of the warehouse has"

EVENTS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "ASSET_STATUS_CHANGE": ("assets", "asset_statuses"),
        "METER_TRIGGER_STATE_CHANGE": ("meter_triggers",),
        "NEW_ASSET": ("assets",),
        "NEW_CATEGORY_ON_WORK_ORDER": ("work_orders", "categories"),
        "NEW_COMMENT_ON_WORK_ORDER": ("work_orders",),
        "NEW_LOCATION": ("locations",),
        "NEW_PART": ("parts",),
        "NEW_PURCHASE_ORDER": ("purchase_orders",),
        "NEW_VENDOR": ("vendors",),
        "NEW_WORK_ORDER": _ORDERS,
        "NEW_WORK_REQUEST": ("work_requests",),
        "PART_CHANGE": ("parts",),
        "PART_DELETE": ("parts",),
        "PART_QUANTITY_CHANGE": ("parts",),
        "PART_TRANSFER": ("part_transfer_requests", "parts"),
        "PURCHASE_ORDER_CHANGE": ("purchase_orders",),
        "PURCHASE_ORDER_STATUS_CHANGE": ("purchase_orders",),
        "USER_ACTIVATED": ("users",),
        "USER_INVITED": ("users",),
        "USER_REMOVED": ("users",),
        "USER_ROLE_CHANGED": ("users",),
        "WORK_ORDER_CHANGE": _ORDERS,
        "WORK_ORDER_DELETE": _ORDERS,
        "WORK_ORDER_PART_STATUS_CHANGE": ("work_orders",),
        "WORK_ORDER_STATUS_CHANGE": _ORDERS,
        "WORK_REQUEST_STATUS_CHANGE": ("work_requests",),
    }
)
"""Event -> the lists to read. The id in its payload is one of the first list."""

DELETIONS = ("PART_DELETE", "WORK_ORDER_DELETE")
"""Events after which the record's own address answers 404."""

IGNORED: Mapping[str, str] = MappingProxyType(
    {
        "API_TOKEN_CREATED": _SECURITY,
        "API_TOKEN_REVOKED": _SECURITY,
        "CONNECTOR_TOKEN_REVOKED": _SECURITY,
        "DATA_EXPORT_INITIATED": _NO_LIST,
        "INVITE_LINK_ARCHIVED": _NO_LIST,
        "INVITE_LINK_CREATED": _NO_LIST,
        "INVITE_LINK_UPDATED": _NO_LIST,
        "NEW_SLASH_COMMAND": _NO_LIST,
        "ROLE_ARCHIVED": "users are read with their roles at an interval",
        "ROLE_CREATED": "users are read with their roles at an interval",
        "ROLE_UPDATED": "users are read with their roles at an interval",
        "SSO_CONFIG_CHANGED": _SECURITY,
        "USER_LOGIN_FAILURE": _SECURITY,
        "USER_LOGIN_SUCCESS": _SECURITY,
        "USER_LOGOUT": _SECURITY,
        "USER_PERMISSIONS_CHANGED": _SECURITY,
        "USER_SESSION_REVOKED": _SECURITY,
        "WEBHOOK_ARCHIVED": _NO_LIST,
        "WEBHOOK_CREATED": _NO_LIST,
        "WORK_ORDER_OVERDUE": "the order itself does not change; the marts know its due date",
    }
)
"""Event -> why nothing is read for it."""


class NotSignedError(Exception):
    """A delivery is forged or too old; the message says why and holds nothing secret."""


class UnknownEventError(Exception):
    """A signed delivery that names no event of MaintainX; the message says what it is."""


@dataclass(frozen=True)
class Delivery:
    """What a signed delivery says: an event, and a record of the first of its lists if it names
    one. organization_id: None where the payload does not say it."""

    event: str
    organization_id: int | None
    record_id: int | None


def verify(header: str, content: bytes, secrets: Sequence[bytes], moment: float) -> None:
    """Raises NotSignedError unless `header` (`t=<timestamp>,v1=<hex>`) signs `content`.

    content: the raw body, or the full URI. secrets: one of them must have signed it. moment: the
    time of arrival, UTC epoch seconds.
    """
    pairs = [part.strip().partition("=") for part in header.split(",")]
    stamps = [value for name, _, value in pairs if name == "t"]
    given = [value for name, _, value in pairs if name == "v1"]
    if len(stamps) != 1 or not DIGITS.fullmatch(stamps[0]) or not given:
        raise NotSignedError("a signature is missing or malformed")
    sent = int(stamps[0])
    if abs(moment - (sent / 1000 if sent >= MILLISECONDS_FROM else sent)) > TOLERANCE:
        raise NotSignedError(f"it was signed more than {TOLERANCE // 60} minutes ago or ahead")
    signed = stamps[0].encode() + b"." + content
    expected = [hmac.new(secret, signed, "sha256").hexdigest() for secret in secrets]
    # All are compared, so that the time says nothing about which secret fits.
    fits = [
        hmac.compare_digest(one.encode(), hexed.encode()) for one in given for hexed in expected
    ]
    if not any(fits):
        raise NotSignedError("no secret of MAINTAINX_WEBHOOK_SECRETS gives its signature")


def read(path: str, body: bytes) -> Delivery:
    """What a signed delivery to `path` says. Raises UnknownEventError.

    The event is the last step of the path, as `subscribe` writes it, else that of the body.
    """
    try:
        payload = json.loads(body)
    except (ValueError, RecursionError):
        raise UnknownEventError("the body is not JSON") from None
    if not isinstance(payload, dict):
        raise UnknownEventError("the body is not a JSON object")
    names = (path.rpartition("/")[2], *(payload.get(key) for key in ("eventType", "type", "event")))
    known = [name for name in names if isinstance(name, str) and name in EVENTS.keys() | IGNORED]
    if not known:
        raise UnknownEventError("neither the path nor the body names an event that is known")
    event = known[0]
    keys: tuple[str, ...] = ()
    if event in EVENTS:
        # A work request has `workRequestId` in one event and `requestId` in another.
        keys = (f"{CATALOGUE[EVENTS[event][0]].record}Id", "requestId", "id")
    return Delivery(event, _number(payload, "orgId", "organizationId"), _number(payload, *keys))


def _number(payload: dict[str, Any], *keys: str) -> int | None:
    values = [payload[key] for key in keys if type(payload.get(key)) is int]
    return next((value for value in values if 0 < value <= LARGEST_ID), None)
