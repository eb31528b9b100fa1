"""Fields that few records have. They are drawn last, so that no other value depends on them."""

import random

from sandbox.plant.clock import DAY, instant, iso
from sandbox.plant.making import FREE_TEXTS, Making, Organization, Record, link
from sandbox.plant.words import NOTES, SYMPTOMS

STAGES = ("ASSIGNED", "RESERVED", "KITTED", "STAGED")
STOCKS = (
    "PARTS_AVAILABLE",
    "PARTIAL_PARTS",
    "PARTS_UNAVAILABLE",
    "PARTS_AVAILABLE_BUT_OVERCOMMITTED",
)
REMARKS = (
    *NOTES,
    *FREE_TEXTS,
    "Please see the photo.",
    "Waiting for the part, write to stores@northfield.example",
    "Erledigt, Maschine läuft wieder.",
)


def make(making: Making) -> None:
    """Fill in what the records of all organizations lack."""
    for organization in making.organizations:
        draw = organization.stream("details")
        for order in organization.lists["work_orders"]:
            _detail_order(organization, draw, order)
        _trigger_by_meters(organization, draw)
        for part in organization.lists["parts"]:
            _commit(draw, part)
        for template in organization.lists["procedure_templates"]:
            for row in template["rows"] or ():
                _explain(organization, draw, row)
        for report in organization.lists["root_cause_analysis_reports"]:
            _deepen(organization, draw, report)
        _settle(organization, draw)
    for organization in making.organizations:
        draw = organization.stream("below records")
        _tell_more_of_orders(organization, draw)
        _change_a_family(organization)
        _tell_more_of_others(organization, draw)


def _tell_more_of_orders(organization: Organization, draw: random.Random) -> None:
    for order in organization.lists["work_orders"]:
        if order.get("lastMessageSentAt"):
            order["_comments"] = _comments(organization, draw, order)
        if draw.random() < 0.05:
            order["externalData"] = {"erpOrder": f"40{draw.randrange(10**6):06}"}


def _change_a_family(organization: Organization) -> None:
    """A small plant has few families: one of them changed lately, as some of a large plant did."""
    orders = organization.lists["work_orders"]
    newest = max(order["updatedAt"] for order in orders)
    lately = iso(instant(newest) - 20 * DAY)
    parents = {order["parentId"] for order in orders if "parentId" in order}
    family = [order for order in orders if order["id"] in parents or "parentId" in order]
    if not any(order["updatedAt"] > lately for order in family):
        child = next(order for order in reversed(family) if "parentId" in order)
        for order in family:
            if order["id"] in (child["id"], child["parentId"]):
                order["updatedAt"] = newest


def _tell_more_of_others(organization: Organization, draw: random.Random) -> None:
    for meter in organization.lists["meters"]:
        if draw.random() < 0.5:
            meter["description"] = draw.choice(NOTES)
            meter["updaterId"] = organization.someone(draw)
    for trigger in organization.lists["meter_triggers"]:
        if draw.random() < 0.6:
            trigger["description"] = draw.choice(NOTES)
            trigger["period"] = draw.choice((3600, 86_400))
            trigger["minDateForProcessing"] = trigger["createdAt"]
            trigger["workOrderTemplateId"] = organization.making.new_id("work_order_templates")
    for team in organization.lists["teams"]:
        team["assetIds"] = sorted(draw.sample(organization.ids("assets"), draw.randrange(4)))
        team["locationIds"] = sorted(draw.sample(organization.leaves, 1))
    for vendor in organization.lists["vendors"]:
        if draw.random() < 0.3:
            made = iso(organization.making.go_live)
            vendor["attachments"] = [link(draw, organization.making, "contract.pdf", made)]
        for contact in vendor["_contacts"]:
            if draw.random() < 0.7:
                contact["phoneNumber"] = f"+1 312 555 {draw.randrange(10_000):04}"
                contact["extension"] = draw.choice((None, "12", "4682"))


def _comments(organization: Organization, draw: random.Random, order: Record) -> list[Record]:
    """Comments between the creation of an order and its last message."""
    created, last = instant(order["createdAt"]), instant(order["lastMessageSentAt"])
    count = draw.choice((1, 1, 1, 2, 2, 3, 5))
    times = sorted(created + int(draw.random() * (last - created)) for _ in range(count - 1))
    comments = [
        {
            "id": organization.making.new_id("comments"),
            "authorId": organization.someone(draw),
            "content": draw.choice(REMARKS),
            "createdAt": iso(time),
        }
        for time in (*times, last)
    ]
    if draw.random() < 0.1:
        # Users who left stay on their comments.
        comments[0]["authorId"] = draw.choice(organization.departed)
    return comments


def _settle(organization: Organization, draw: random.Random) -> None:
    """Depreciations, transfers and addresses."""
    for asset in organization.lists["assets"]:
        if asset.get("depreciation") and draw.random() < 0.1:
            archived = organization.making.now - draw.randrange(1, 300) * DAY
            asset["depreciation"]["archivedAt"] = iso(archived)
    for transfer in organization.lists["part_transfer_requests"]:
        if transfer["quantityReceived"] and transfer["quantityReceived"] > 1:
            first = transfer["destinationLocations"][0]
            second = {**first, "quantity": 1, "locationId": draw.choice(organization.leaves)}
            first["quantity"] -= 1
            transfer["destinationLocations"].append(second)
    for purchase in organization.lists["purchase_orders"]:
        address = purchase["billingAddress"]
        if address and draw.random() < 0.3:
            purchase["billingAddress"] = {**address, "label": f"Accounts, {address['city']}"}


def _detail_order(organization: Organization, draw: random.Random, order: Record) -> None:
    if order.get("_parts"):
        order["partsAvailability"] = draw.choice(STOCKS)
        if order["status"] != "DONE":
            order["partStatus"] = draw.choice(STAGES)
    if order["vendorIds"] and draw.random() < 0.3:
        order["vendorIds"] = [*order["vendorIds"], draw.choice(organization.ids("vendors"))]
    procedure = order.get("procedure")
    if procedure and order["status"] == "DONE" and draw.random() < 0.5:
        procedure["maxScore"] = 2 * len(procedure["fields"])
        procedure["score"] = draw.randrange(procedure["maxScore"] + 1)
    for field in procedure["fields"] if procedure else ():
        if field["type"] == "DATE":
            field["isDateAndTime"] = draw.random() < 0.5
        if draw.random() < 0.1:
            field["description"] = draw.choice(NOTES)
            field["assignees"] = {
                "userIds": [organization.someone(draw)],
                "teamIds": draw.sample(organization.ids("teams"), draw.randrange(2)),
            }


def _trigger_by_meters(organization: Organization, draw: random.Random) -> None:
    """All orders of a chain have the same trigger, on a meter of their asset."""
    meters: dict[int, list[Record]] = {}
    for meter in organization.lists["meters"]:
        meters.setdefault(meter["assetId"], []).append(meter)
    chains: dict[tuple[int, str], list[Record]] = {}
    for order in organization.lists["work_orders"]:
        if order.get("recurrenceInfo"):
            chains.setdefault((order.get("assetId", 0), order["title"]), []).append(order)
    for number, ((asset_id, _), orders) in enumerate(chains.items()):
        if number and (asset_id not in meters or draw.random() < 0.5):
            continue
        meter = draw.choice(meters.get(asset_id) or organization.lists["meters"])
        reading = meter.get("lastReading", {"value": 1000.0})["value"]
        trigger = {
            "automationTriggerInput": {
                "meterId": meter["id"],
                "conditions": [
                    {
                        "operator": draw.choice(("increasedBy", "increasedBy", "decreasedBy")),
                        "value": draw.choice((100, 250, 500.5)),
                    }
                ],
            },
            "lastTriggerValue": round(reading * draw.uniform(0.5, 1), 1),
            "newDueDateOffsetSeconds": draw.choice((1, 2, 7)) * DAY // 1000,
        }
        for order in orders:
            order["recurrenceInfo"] = {
                **order["recurrenceInfo"],
                "automationMeterTrigger": trigger,
            }


def _commit(draw: random.Random, part: Record) -> None:
    for shelf in part["locations"]:
        kitted, staged = draw.choice((0, 0, 1, 2)), draw.choice((0, 0, 0, 1))
        shelf["committedQuantities"] = {
            "reserved": shelf["reservedQuantity"],
            "kitted": kitted,
            "staged": staged,
        }
        shelf["assignedQuantity"] = shelf["reservedQuantity"] + kitted + staged
    for stage in ("kitted", "staged"):
        part["committedQuantities"][stage] = sum(
            shelf["committedQuantities"][stage] for shelf in part["locations"]
        )
    part["assignedQuantity"] = sum(shelf["assignedQuantity"] for shelf in part["locations"])
    if draw.random() < 0.3:
        part["maximumQuantity"] = sum(shelf["maximumQuantity"] or 50 for shelf in part["locations"])


def _explain(organization: Organization, draw: random.Random, row: Record) -> None:
    if draw.random() < 0.3:
        row["description"] = draw.choice(NOTES)
    if draw.random() < 0.1:
        row["urls"] = [{"label": "Manual", "link": "https://manuals.sandbox.example/1"}]
    if row["type"] == "NUMBER" and draw.random() < 0.5:
        row["type"], row["meterId"] = "METER", draw.choice(organization.ids("meters"))
    if row["type"] == "DATE":
        row["isDateAndTime"] = draw.random() < 0.5


def _deepen(organization: Organization, draw: random.Random, report: Record) -> None:
    making = organization.making
    assets = [each for each in organization.ids("assets") if each != report["mainAssetId"]]
    report["relatedAssetIds"] = sorted(draw.sample(assets, draw.randrange(3)))
    if draw.random() < 0.4:
        report["problems"].append(
            {
                "id": making.new_id("problems"),
                "category": None,
                "stepOptions": [
                    {"id": 5000 + number, "label": SYMPTOMS[number], "stepType": "CAUSE"}
                    for number in draw.sample(range(len(SYMPTOMS)), draw.randrange(3))
                ],
                "notes": None,
            }
        )
