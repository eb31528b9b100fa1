"""From a stored record to its fields in an answer."""

import random
from collections.abc import Callable, Mapping, Set
from types import MappingProxyType
from typing import Any, Protocol

from sandbox.api.lists import (
    SUMMARY_OF_ASSET,
    SUMMARY_OF_LOCATION,
    WORK_ORDER_DETAIL,
    Fields,
    Record,
    Shape,
)

NO_EXPANDS: frozenset[str] = frozenset()


class Source(Protocol):
    """Related records of one organization that an answer needs."""

    shuffled: random.Random | None

    def find(self, name: str, record_id: object) -> Record | None:
        """The record with that id, deleted or not."""

    def children(self, name: str, record_id: int) -> list[int]:
        """Ids of records with this parentId that are not deleted, ascending."""


Derivation = Callable[[Source, Record, Set[str]], Any]


def shaped(
    source: Source, name: str, shape: Shape, record: Record, expands: Set[str] = NO_EXPANDS
) -> Record:
    """The record in `shape`, with the fields that `expands` adds."""
    derived = DERIVED.get(name, {})
    answer = _pick(source, derived, shape.fields, record, expands)
    for expand in expands:
        field = shape.expands[expand]
        if field:
            derive = derived.get(field)
            value = derive(source, record, expands) if derive else record.get(field)
            if value is not None:
                answer[field] = value
    return answer


def _pick(
    source: Source,
    derived: Mapping[str, Derivation],
    fields: Fields,
    record: Record,
    expands: Set[str],
) -> Record:
    answer: Record = {}
    for field, always in fields:
        derive = derived.get(field)
        value = derive(source, record, expands) if derive else record.get(field)
        if value is not None or always:
            answer[field] = value
    return answer


def _summary_of_asset(source: Source, asset_id: object) -> Record | None:
    asset = source.find("assets", asset_id)
    return asset and _pick(source, {}, SUMMARY_OF_ASSET, asset, NO_EXPANDS)


def _summary_of_location(source: Source, location_id: object) -> Record | None:
    location = source.find("locations", location_id)
    return location and _pick(source, {}, SUMMARY_OF_LOCATION, location, NO_EXPANDS)


def _asset(source: Source, record: Record, expands: Set[str]) -> Record | None:
    summary = _summary_of_asset(source, record.get("assetId"))
    if summary and "asset_extra_fields" in expands:
        asset = source.find("assets", record["assetId"]) or {}
        summary["assetExtraFields"] = asset.get("extraFields", {})
    return summary


def _location(source: Source, record: Record, expands: Set[str]) -> Record | None:
    summary = _summary_of_location(source, record.get("locationId"))
    if summary and "location_extra_fields" in expands:
        location = source.find("locations", record["locationId"]) or {}
        summary["locationExtraFields"] = location.get("extraFields", {})
    return summary


def _parts(source: Source, record: Record, expands: Set[str]) -> list[Record]:
    used = []
    for part_id, quantity in record.get("_parts", ()):
        part = source.find("parts", part_id)
        if part is None:
            continue
        entry = {
            "id": part_id,
            "name": part["name"],
            "description": part["description"],
            "area": part["area"],
            "unitCost": part["unitCost"],
            "availableQuantity": part["availableQuantity"],
            "minimumQuantity": part["minimumQuantity"],
            "barcode": part["barcode"],
            "quantityUsed": quantity,
            "copyOnRecurring": "Default",
            "locationId": part["locationId"],
        }
        if "part_extra_fields" in expands:
            entry["partExtraFields"] = part["extraFields"]
        used.append(entry)
    return used


def _entries(field: str) -> Derivation:
    def derive(source: Source, record: Record, _: Set[str]) -> list[Record]:
        entries: list[Record] = record.get(field) or []
        if source.shuffled is None or len(entries) < 2:
            return entries
        return source.shuffled.sample(entries, len(entries))

    return derive


def _assigned(kind: str) -> Derivation:
    def derive(_: Source, record: Record, __: Set[str]) -> list[int]:
        return [
            assignee["id"]
            for assignee in record.get("assignees") or ()
            if assignee["type"] == kind and isinstance(assignee["id"], int)
        ]

    return derive


def _progress(source: Source, record: Record, _: Set[str]) -> Record | None:
    if not record.get("isParent"):
        return None
    statuses = [
        (source.find("work_orders", child) or {}).get("status")
        for child in source.children("work_orders", record["id"])
    ]
    return {
        "openCount": statuses.count("OPEN"),
        "inProgressCount": statuses.count("IN_PROGRESS"),
        "onHoldCount": statuses.count("ON_HOLD"),
        "doneCount": statuses.count("DONE"),
    }


def _requested_work_order(source: Source, record: Record, _: Set[str]) -> Record | None:
    order = source.find("work_orders", record.get("workOrderId"))
    return order and shaped(source, "work_orders", WORK_ORDER_DETAIL, order)


def _children_of(name: str) -> Derivation:
    def derive(source: Source, record: Record, _: Set[str]) -> list[int]:
        return source.children(name, record["id"])

    return derive


def _main_asset(source: Source, record: Record, _: Set[str]) -> Record | None:
    return _summary_of_asset(source, record["mainAssetId"])


def _main_asset_status(source: Source, record: Record, _: Set[str]) -> Record | None:
    status = source.find("asset_statuses", record["mainAssetStatusId"])
    return status and current_status(source, status)


def _reported_work_orders(source: Source, record: Record, _: Set[str]) -> list[Record]:
    orders = [source.find("work_orders", order_id) for order_id in record["workOrderIds"]]
    return [shaped(source, "work_orders", WORK_ORDER_DETAIL, order) for order in orders if order]


def _status(source: Source, record: Record, _: Set[str]) -> Record | None:
    status = source.find("asset_statuses", record.get("_statusId"))
    return status and current_status(source, status)


def current_status(source: Source, status: Record) -> Record:
    """An asset status as it stands inside an asset or a report."""
    fields = (
        "id status downtimeType startedAt endedAt description createdAt updatedAt deletedAt"
        " customStatusId"
    )
    shown = {name: status[name] for name in fields.split() if status.get(name) is not None}
    custom = source.find("asset_custom_statuses", status.get("customStatusId"))
    if custom:
        shown["customStatus"] = {
            name: custom[name] for name in ("id", "label", "createdAt", "updatedAt")
        }
    return shown


DERIVED: Mapping[str, Mapping[str, Derivation]] = MappingProxyType(
    {
        "work_orders": {
            "asset": _asset,
            "location": _location,
            "parts": _parts,
            "times": _entries("timeItems"),
            "timeItems": _entries("timeItems"),
            "expenditures": _entries("expenditures"),
            "assigneeIds": _assigned("USER"),
            "teamIds": _assigned("TEAM"),
            "progress": _progress,
        },
        "assets": {"childrenIds": _children_of("assets"), "status": _status},
        "locations": {"childrenIds": _children_of("locations")},
        "meters": {"asset": _asset, "location": _location},
        "work_requests": {
            "asset": _asset,
            "location": _location,
            "workOrder": _requested_work_order,
        },
        "root_cause_analysis_reports": {
            "mainAsset": _main_asset,
            "mainAssetStatus": _main_asset_status,
            "workOrders": _reported_work_orders,
        },
    }
)
