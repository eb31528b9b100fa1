"""Answer a request: API key, organizations, list or record. Imports no socket code."""

import itertools
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from sandbox.api.lists import (
    BY_PATH,
    CUSTOM_FIELDS,
    SUB_WORK_ORDER,
    List,
    Record,
    Shape,
)
from sandbox.api.paging import by_offset, page
from sandbox.api.queries import (
    RefusedError,
    boolean,
    expands_of,
    read,
    read_paging,
    write_cursor,
)
from sandbox.api.shapes import shaped
from sandbox.api.state import BELOW, Request, Sandbox
from sandbox.plant.words import CUSTOM_FIELD_ENTITIES

UNSIGNED = b"Signature=0"
NO_FIELDS = Shape.of("")

_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
_signatures = itertools.count(1)


@dataclass
class Answer:
    """An HTTP answer."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)


def answer(sandbox: Sandbox, request: Request, headers: Mapping[str, str]) -> Answer:
    """Answer a request and log its status. headers: of the request, names in lower case."""
    scheme, _, key = headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or key not in sandbox.keys:
        request.status = 401
        return Answer(401, _json({"error": "Unauthorized"}))
    quota = sandbox.quota
    allowed, remaining, reset = quota.take(key)
    if allowed:
        given = _within_quota(sandbox, request, key, headers)
    else:
        message = f"Too many requests. Please retry in {reset} seconds"
        given = Answer(429, _json({"error": message}))
        if quota.retry_after:
            given.headers["Retry-After"] = str(reset)
    if quota.headers:
        given.headers["X-Rate-Limit-Limit"] = str(quota.limit)
        given.headers["X-Rate-Limit-Remaining"] = str(remaining)
        given.headers["X-Rate-Limit-Reset"] = str(reset)
    request.status = given.status
    return given


def _within_quota(
    sandbox: Sandbox, request: Request, key: str, headers: Mapping[str, str]
) -> Answer:
    try:
        body = _body(sandbox, request, key, headers)
    except RefusedError as refused:
        return Answer(refused.status, _json(refused.body))
    signature = f"Signature={next(_signatures) * 0x9E3779B97F4A7C15 % 2**64:016x}"
    return Answer(200, body.replace(UNSIGNED, signature.encode()))


def _body(sandbox: Sandbox, request: Request, key: str, headers: Mapping[str, str]) -> bytes:
    steps = request.path.strip("/").split("/")
    if steps[0] == "subscriptions":
        return _subscription(sandbox, request, steps[1:])
    if request.method != "GET":
        raise RefusedError(404, "Not Found.")
    allowed = sandbox.keys[key]
    seen = [each for each in sandbox.organization_ids if allowed is None or each in allowed]
    row = BY_PATH.get(steps[0])
    entity = (
        CUSTOM_FIELD_ENTITIES.get(steps[1])
        if steps[0] == "customfields" and len(steps) == 2
        else None
    )
    name = row.name if row else entity
    if name is None:
        raise RefusedError(404, "Not Found.")
    if name == "organizations":
        request.organization_ids = tuple(seen)
    else:
        several = row is not None and row.several and len(steps) == 1
        request.organization_ids = _asked(headers, seen, several=several)
    _check_plan(sandbox, name, "list" if len(steps) == 1 else "get")
    if row is None:
        return _custom_fields(sandbox, request, name)
    if len(steps) == 1:
        return _list(sandbox, row, request)
    with sandbox.lock:
        return _below(sandbox, row, steps[1:], request)


def _asked(headers: Mapping[str, str], seen: list[int], *, several: bool) -> tuple[int, ...]:
    """The organizations that a request asks for. Raises RefusedError (400, 403)."""
    one, many = headers.get("x-organization-id"), headers.get("x-organization-ids")
    if one is not None and many is not None:
        raise RefusedError(400, "x-organization-id and x-organization-ids exclude each other")
    text = one if one is not None else many if several else None
    if text is None:
        if len(seen) != 1:
            raise RefusedError(400, "Missing x-organization-id header.", listed=True)
        return tuple(seen)
    try:
        ids = tuple(int(part) for part in (text.split(",") if one is None else [text]))
    except ValueError:
        raise RefusedError(400, f"{text!r} is no organization id") from None
    for each in ids:
        if each not in seen:
            raise RefusedError(403, f"No access to organization {each}.")
    return ids


def _check_plan(sandbox: Sandbox, name: str, verb: str) -> None:
    if name not in sandbox.forbidden:
        return
    if name in ("manufacturers", "models"):
        title = name.removesuffix("s").capitalize()
        raise RefusedError(403, f"{title} REST API {verb} is currently disabled.", listed=True)
    raise RefusedError(403, "This feature is not available on your plan.")


# A list


def _list(sandbox: Sandbox, row: List, request: Request) -> bytes:
    ids = request.organization_ids
    with sandbox.lock:
        labels = _labels(sandbox, f"custom_fields_{row.name}", ids) if row.labels else {}
        categories = _labels(sandbox, "categories", ids) if row.name == "work_orders" else {}
    query = read(row, request.query, set(labels.values()), categories)
    if sandbox.before_answer:
        sandbox.before_answer(request)
    with sandbox.lock:
        tables = [sandbox.table(row.name, each) for each in ids]
        held, following = page(row, query, tables, sandbox.now)
        sources = {each: sandbox.organization(each) for each in ids}
        texts = [
            record["_text"]
            if "_text" in record
            else _json(shaped(sources[each], row.name, row.listed, record, query.expands))
            for each, record in held
        ]
    return _listing(row.collection, texts, following, request)


def _labels(sandbox: Sandbox, name: str, organization_ids: tuple[int, ...]) -> dict[int, str]:
    """Labels of the records of a list, by id."""
    tables = [sandbox.table(name, each) for each in organization_ids]
    return {key: table.records[key]["label"] for table in tables for key in table.ids()}


def _custom_fields(sandbox: Sandbox, request: Request, name: str) -> bytes:
    for unknown in request.query:
        raise RefusedError(400, f"{unknown!r} is not understood")
    if sandbox.before_answer:
        sandbox.before_answer(request)
    organization_id = request.organization_ids[0]
    with sandbox.lock:
        records = sandbox.table(name, organization_id).records
        source = sandbox.organization(organization_id)
        texts = [
            record["_text"]
            if "_text" in record
            else _json(shaped(source, name, CUSTOM_FIELDS, record))
            for _, record in sorted(records.items())
        ]
    return b"[" + b",".join(texts) + b"]"


# One record and its lists


def _below(sandbox: Sandbox, row: List, steps: list[str], request: Request) -> bytes:
    organization_id = request.organization_ids[0]
    record = _addressed(sandbox, row, steps[0], request)
    match [row.name, *steps[1:]]:
        case [_]:
            return _detail(sandbox, row, record, request)
        case ["work_orders", "costs"]:
            rows = [*record.get("timeItems", ()), *record.get("expenditures", ())]
            total = sum(entry["rowTotal"] for entry in rows)
            return _json({"costs": {"total": total, "rows": rows}})
        case ["work_orders", "subworkorders"]:
            return _sub_work_orders(sandbox, record, request)
        case ["vendors", "contacts", text]:
            return _contact(record, text)
        case [name, collection] if (name, collection) in BELOW:
            held = sandbox.below(name, organization_id, collection, record["id"])
        case _:
            raise RefusedError(404, "Not Found.")
    found, following = by_offset(read_paging(NO_FIELDS, request.query), held)
    return _listing(steps[1], [_json(each) for each in found], following, request)


def _contact(vendor: Record, text: str) -> bytes:
    for contact in vendor["_contacts"]:
        if str(contact["id"]) == text:
            return _json({"vendorContact": contact})
    raise RefusedError(404, "Not Found.")


def _addressed(sandbox: Sandbox, row: List, text: str, request: Request) -> Record:
    """The record at `path/{id}`. Raises RefusedError (400, 404)."""
    if row.detail is None:
        raise RefusedError(404, "Not Found.")
    if not (text.isascii() and text.isdigit()):
        raise RefusedError(400, f"id must be an integer, not {text!r}")
    table = sandbox.table(row.name, request.organization_ids[0])
    key = int(text)
    if row.name == "work_orders" and boolean(
        "useSequentialId", request.query.get("useSequentialId", ["false"])
    ):
        numbers = {table.records[each]["sequentialId"]: each for each in table.ids()}
        key = numbers.get(key, -1)
    record = table.records.get(key)
    if record is None or "_text" in record:
        raise RefusedError(404, "Not Found.")
    return record


def _detail(sandbox: Sandbox, row: List, record: Record, request: Request) -> bytes:
    shape = row.detail or row.listed
    expands: frozenset[str] = frozenset()
    for name, texts in request.query.items():
        if name == "expand" and shape.expands:
            expands = expands_of(shape, texts)
        elif (row.name, name) != ("work_orders", "useSequentialId"):
            raise RefusedError(400, f"{name!r} is not understood")
    source = sandbox.organization(request.organization_ids[0])
    return _json({row.record: shaped(source, row.name, shape, record, expands)})


def _sub_work_orders(sandbox: Sandbox, parent: Record, request: Request) -> bytes:
    organization_id = request.organization_ids[0]
    table = sandbox.table("work_orders", organization_id)
    source = sandbox.organization(organization_id)
    query = read_paging(SUB_WORK_ORDER, request.query)
    held, following = by_offset(query, table.children(parent["id"]))
    texts = [
        _json(shaped(source, "work_orders", SUB_WORK_ORDER, table.records[key], query.expands))
        for key in held
    ]
    return _listing("subworkorders", texts, following, request)


# Webhooks


def _subscription(sandbox: Sandbox, request: Request, steps: list[str]) -> bytes:
    """Create a subscription, or show one or its secret."""
    webhooks = sandbox.webhooks
    if request.method == "POST":
        try:
            asked = json.loads(request.body)
            made = webhooks.subscribe(str(asked["type"]), str(asked["url"]))
        except (ValueError, LookupError, TypeError):
            raise RefusedError(400, "type and url are required") from None
        return _json({"id": made.id, "status": "VALID", "secret": made.secret})
    number = int(steps[0]) if steps and steps[0].isdigit() else 0
    found = webhooks.subscriptions.get(number)
    if found is None:
        raise RefusedError(404, "subscription Not Found")
    match steps[1:]:
        case []:
            shown = {"id": found.id, "type": found.type, "url": found.url, "status": "VALID"}
            return _json({"subscription": shown})
        case ["secret"]:
            return _json({"secret": found.secret})
        case _:
            raise RefusedError(404, "Not Found.")


def _json(value: object) -> bytes:
    return _ENCODER.encode(value).encode("utf-8", "surrogatepass")


def _listing(collection: str, texts: list[bytes], following: Any, request: Request) -> bytes:
    """The body of a list. following: content of the next cursor, None at the end."""
    cursor = path = None
    if following is not None:
        cursor = write_cursor(following)
        path = f"{request.path}?{urlencode({**request.query, 'cursor': [cursor]}, doseq=True)}"
    return b'{"%s":[%s],"nextCursor":%s,"nextPageUrl":%s}' % (
        collection.encode(),
        b",".join(texts),
        _json(cursor),
        _json(path),
    )
