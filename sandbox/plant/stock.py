"""Parts, purchase orders, transfers between organizations."""

import random

from sandbox.plant.clock import DAY, HOUR, iso
from sandbox.plant.making import Making, Organization, Record, custom_values, link
from sandbox.plant.words import OTHER_FIELDS, PARTS

PART_TYPES = ("Bearing", "Belt", "Electrical", "Consumable", "Critical spare")
OUTCOMES = ("COMPLETED", "PARTIALLY_FULFILLED", "APPROVED", "DECLINED", "CANCELED")
OUTCOME_WEIGHTS = (70, 8, 8, 6, 8)


def make(organization: Organization) -> None:
    """Add parts with their stock, and purchase orders."""
    _make_parts(organization)
    _make_purchase_orders(organization)


def _make_parts(organization: Organization) -> None:
    draw = organization.stream("parts")
    organization.lists["parts"] = [
        _part(organization, draw, number) for number in range(organization.size(420, least=24))
    ]


def _part(organization: Organization, draw: random.Random, number: int) -> Record:
    making = organization.making
    name, cents = PARTS[number % len(PARTS)]
    if number >= len(PARTS):
        name = f"{name} / {number // len(PARTS) + 1}"
    shelves = [_shelf(organization, draw) for _ in range(draw.choices((1, 2, 3), (6, 3, 1))[0])]
    reserved = sum(shelf["reservedQuantity"] for shelf in shelves)
    available = sum(shelf["availableQuantity"] for shelf in shelves)
    part_id = making.new_id("parts")
    vendors = [
        {"vendorId": vendor, "partNumber": f"{draw.randrange(16**5):05X}-{number}"}
        for vendor in draw.sample(organization.ids("vendors"), draw.randrange(3))
    ]
    part: Record = {
        "id": part_id,
        "name": name,
        "description": "Keep dry" if draw.random() < 0.2 else None,
        "barcode": f"P{part_id}" if draw.random() < 0.7 else None,
        "locationId": shelves[0]["locationId"],
        "locations": shelves,
        "area": shelves[0]["area"],
        "unitCost": round(cents * draw.uniform(0.9, 1.2)) if draw.random() < 0.95 else None,
        "availableQuantity": available,
        "minimumQuantity": sum(shelf["minimumQuantity"] or 0 for shelf in shelves),
        "maximumQuantity": sum(shelf["maximumQuantity"] or 0 for shelf in shelves) or None,
        "orderedQuantity": draw.choice((0, 0, 0, 5, 10)),
        "reservedQuantity": reserved,
        "assignedQuantity": 0,
        "committedQuantities": {"kitted": 0, "reserved": reserved, "staged": 0},
        "inStockQuantity": available + reserved,
        "partTypes": [draw.choice(PART_TYPES)] if draw.random() < 0.7 else [],
        "organizationId": organization.id,
        "extraFields": custom_values(draw, OTHER_FIELDS["parts"], 0.4),
        "vendors": vendors,
        "vendorIds": [vendor["vendorId"] for vendor in vendors],
        "assetIds": sorted(draw.sample(organization.ids("assets"), 2)),
        "teamIds": [],
        "attachments": [],
        **making.stamps(draw, settled=0.2),
    }
    if draw.random() < 0.3:
        part["thumbnail"] = link(draw, making, "part.png", part["createdAt"])
    return part


def _shelf(organization: Organization, draw: random.Random) -> Record:
    minimum = draw.choice((None, 0, 1, 2, 5, 10))
    kind = draw.random()
    if kind < 0.08:
        available = 0
    elif kind < 0.2 and minimum:
        available = draw.randrange(minimum)
    else:
        available = (minimum or 0) + draw.randrange(1, 40)
    return {
        "locationId": draw.choice(organization.leaves),
        "availableQuantity": available,
        "minimumQuantity": minimum,
        "maximumQuantity": minimum * 4 if minimum and draw.random() < 0.3 else None,
        "area": f"{draw.choice('ABCDE')}-{draw.randrange(1, 40)}" if draw.random() < 0.7 else None,
        "reservedQuantity": draw.choice((0, 0, 0, 1, 2)),
        "assignedQuantity": 0,
    }


def _make_purchase_orders(organization: Organization) -> None:
    draw = organization.stream("purchase orders")
    making = organization.making
    begun = sorted(
        making.between(draw, making.now - 900 * DAY)
        for _ in range(organization.size(1100, least=8))
    )
    organization.lists["purchase_orders"] = [
        _purchase_order(organization, draw, number, created)
        for number, created in enumerate(begun, 1)
    ]


def _purchase_order(
    organization: Organization, draw: random.Random, number: int, created: int
) -> Record:
    making = organization.making
    age = making.now - created
    if age > 30 * DAY:
        status = draw.choices(OUTCOMES, OUTCOME_WEIGHTS)[0]
    else:
        status = draw.choice(("PENDING", "REQUESTED", "APPROVED", "PARTIALLY_FULFILLED"))
    decided = status not in ("PENDING", "REQUESTED")
    updated = min(making.now - HOUR, created + int(draw.uniform(0, 25) * DAY))
    vendor = draw.choice(organization.lists["vendors"])
    at_home = organization.is_first
    address = {
        "city": "Rockford" if at_home else "Kassel",
        "country": "US" if at_home else "DE",
        "postalCode": "61109" if at_home else "34123",
        "state": "IL" if at_home else "HE",
        "street": "2400 Industrial Dr" if at_home else "Heinrich-Hertz-Straße 8",
    }
    return {
        "id": making.new_id("purchase_orders"),
        "note": "Deliver to gate 3" if draw.random() < 0.3 else None,
        "title": f"PO {number}: {vendor['name']}".removesuffix(": "),
        "reviewNote": "Over budget" if status == "DECLINED" else None,
        "status": status,
        "dueDate": iso(created + 21 * DAY) if draw.random() < 0.7 else None,
        "creatorId": organization.someone(draw),
        "vendorId": vendor["id"],
        "autoGeneratedNumber": number,
        "overrideNumber": f"NF-{created // DAY}-{number}" if draw.random() < 0.2 else None,
        "approverId": organization.someone(draw) if decided else None,
        "approvalDate": iso(min(updated, created + DAY)) if decided else None,
        "createdAt": iso(created),
        "updatedAt": iso(max(created, updated)),
        "deletedAt": None,
        "items": [_line(organization, draw, status) for _ in range(draw.randrange(1, 6))],
        "costs": _costs(organization, draw),
        "thumbnail": link(draw, making, "order.png", iso(created)) if draw.random() < 0.1 else None,
        "attachments": [link(draw, making, "quote.pdf", iso(created))]
        if draw.random() < 0.3
        else [],
        "vendorContactIds": vendor["contactIds"][:1],
        "shippingAddress": address,
        "billingAddress": address if draw.random() < 0.8 else None,
        "extraFields": custom_values(draw, OTHER_FIELDS["purchaseOrders"], 0.4),
    }


def _line(organization: Organization, draw: random.Random, status: str) -> Record:
    making = organization.making
    part = draw.choice(organization.lists["parts"])
    ordered = draw.choice((1, 2, 4, 5, 10, 25))
    received = {"COMPLETED": ordered, "PARTIALLY_FULFILLED": ordered // 2}.get(status, 0)
    cents = part["unitCost"] or 1000
    known = draw.random() < 0.92
    values = custom_values(draw, OTHER_FIELDS["lineItemPurchaseOrders"], 0.4)
    line: Record = {
        "id": making.new_id("purchase_order_lines"),
        "partId": part["id"] if known else None,
        "name": part["name"] if known else "Freight pallet",
        "partNumber": part["vendors"][0]["partNumber"] if part["vendors"] else None,
        "price": cents * ordered,
        "priceDecimal": f"{cents * ordered / 100:.6f}",
        "quantityOrdered": ordered,
        "quantityReceived": received,
        "unitCost": cents,
        "unitCostDecimal": f"{cents / 100:.6f}",
        "fulfillments": [],
        "extraFields": values,
        "lineExtraFields": values,
        "partExtraFields": part["extraFields"],
    }
    if received:
        line["fulfillments"] = [
            {
                "id": making.new_id("fulfillments"),
                "locationId": part["locationId"],
                "quantityReceived": f"{received:.6f}",
                "isLegacy": False,
            }
        ]
    return line


def _costs(organization: Organization, draw: random.Random) -> list[Record]:
    making = organization.making
    costs: list[Record] = []
    if draw.random() < 0.5:
        costs.append(
            {
                "id": making.new_id("purchase_order_costs"),
                "name": "Freight",
                "type": draw.choice(("AMOUNT_TAXABLE", "AMOUNT_NON_TAXABLE")),
                "amount": draw.randrange(500, 25_000),
            }
        )
    if draw.random() < 0.6:
        costs.append(
            {
                "id": making.new_id("purchase_order_costs"),
                "name": "Sales Tax" if organization.is_first else "MwSt.",
                "type": "PERCENT_TAXABLE",
                "amount": 8.25 if organization.is_first else 19,
            }
        )
    return costs


def make_transfers(making: Making) -> None:
    """Add part transfer requests between the two organizations, in the list of the requester."""
    draw = random.Random(f"{making.seed} transfers")
    for to in making.organizations:
        source = next(each for each in making.organizations if each is not to)
        to.lists["part_transfer_requests"] = [
            _transfer(making, draw, source, to) for _ in range(to.size(60, least=3))
        ]


def _transfer(
    making: Making, draw: random.Random, source: Organization, to: Organization
) -> Record:
    status = draw.choice(("APPROVED", "CANCELED", "COMPLETED", "COMPLETED", "DECLINED", "PENDING"))
    quantity = draw.randrange(1, 12)
    part = draw.choice(source.lists["parts"])
    other = draw.choice(to.lists["parts"])
    wanted = next((each for each in to.lists["parts"] if each["name"] == part["name"]), other)
    moved = quantity if status in ("APPROVED", "COMPLETED") else None
    return {
        "id": making.new_id("part_transfer_requests"),
        "quantityRequested": quantity,
        "quantityTransferred": moved,
        "quantityReceived": quantity if status == "COMPLETED" else None,
        "requestMessage": "Line is down, please hurry" if draw.random() < 0.4 else None,
        "responseMessage": "None left" if status == "DECLINED" else None,
        "status": status,
        "sourcePartId": part["id"],
        "destinationPartId": wanted["id"],
        "transferrerId": source.someone(draw) if moved else None,
        "requesterId": to.someone(draw),
        "destinationOrganizationId": to.id,
        "sourceOrganizationId": source.id,
        "sourceLocationId": part["locationId"],
        "destinationLocations": [{"locationId": wanted["locationId"], "quantity": quantity}],
    }
