"""What refers to work orders: maintenance plans, requests, portals, root cause analysis, notes."""

import random

from sandbox.plant.clock import DAY, HOUR, MINUTE, instant, iso
from sandbox.plant.making import Organization, Record, link
from sandbox.plant.words import MACHINES, NOTES, SYMPTOMS, TASKS

RECURRENCES: tuple[Record, ...] = (
    {"type": "DAILY"},
    {"type": "WEEKLY", "interval": 2, "days": ["MONDAY"]},
    {"type": "MONTHLY", "interval": 1, "day": 15},
    {"type": "MONTHLY", "interval": 3, "day": 1},
    {"type": "YEARLY", "interval": 1},
)
SUMMARIES = ("Replaced and tested.", "Temporary repair, order follows.", "Lager getauscht.", None)
STEP_TYPES = ("PROBLEM_TYPE", "FAILURE", "CAUSE", "ACTION")


def make(organization: Organization, orders: list[Record]) -> None:
    """Add plans, portals, requests, reports and notes to an organization with its work orders."""
    _make_plans(organization)
    _make_portals(organization)
    _make_requests(organization, orders)
    _make_reports(organization, orders)
    _make_summaries(organization, orders)


def _make_plans(organization: Organization) -> None:
    draw = organization.stream("plans")
    making = organization.making
    organization.lists["maintenance_plans"] = []
    for number in range(organization.size(90, least=3)):
        task = draw.choice(TASKS)
        next_due = making.now + int(draw.uniform(1, 60)) * DAY
        assets = sorted(draw.sample(organization.ids("assets"), draw.randrange(1, 6)))
        blueprint = making.new_id("blueprints")
        organization.lists["maintenance_plans"].append(
            {
                "id": making.new_id("maintenance_plans"),
                "name": f"{task}: {draw.choice(MACHINES).lower()}s",
                "organizationId": organization.id,
                "startDate": iso(making.go_live),
                "workOrderStartDatePadding": 24 if number % 3 == 1 else None,
                "workOrderStartDateOffset": None if number % 3 else {"value": 1, "unit": "WEEK"},
                "workOrderStartDateFixedDay": 1 if number % 3 == 2 else None,
                "blueprintEstimatedTime": draw.choice((None, 1800, 3600)),
                "triggerType": draw.choices(("CALENDAR", "CALENDAR_OR_METER"), (9, 1))[0],
                "intervalStrategy": draw.choice(("FIXED", "FLOATING")),
                "recurrence": draw.choice(RECURRENCES),
                "planningHorizon": {"value": 3, "unit": "MONTH"},
                "workOrderBlueprintId": blueprint,
                "assets": [
                    {"id": making.new_id("plan_assets"), "assetId": asset} for asset in assets
                ],
                "intervals": [
                    {
                        "id": making.new_id("plan_intervals"),
                        "interval": 1,
                        "workOrderBlueprintId": blueprint,
                    }
                ],
                "nextCycleOccurrence": draw.randrange(1, 13),
                "nextScheduledWorkOrderDueDate": iso(next_due),
                "lastPlannedDueDate": iso(next_due - 30 * DAY),
                "nextWorkOrderGenerationAt": iso(next_due - 7 * DAY),
                "lastWorkOrderGeneratedAt": iso(next_due - 67 * DAY) if number % 3 else None,
                "creatorId": organization.someone(draw),
                "archivedAt": iso(making.now - 90 * DAY)
                if draw.random() < 0.1 or number == 2
                else None,
                **making.stamps(draw),
            }
        )


def _make_portals(organization: Organization) -> None:
    draw = organization.stream("portals")
    organization.lists["work_request_portals"] = []
    for title in ("Shop floor", "Office & canteen", "Visitors")[
        : 3 if organization.is_first else 1
    ]:
        portal_id = organization.making.new_id("work_request_portals")
        organization.lists["work_request_portals"].append(
            {
                "id": portal_id,
                "title": title,
                "portalUrl": f"https://requests.sandbox.example/{portal_id}",
                "welcomeText": "Tell us what is wrong." if draw.random() < 0.7 else None,
                "descriptionPlaceholder": "Which machine?" if title == "Shop floor" else None,
                "contactInformation": "Ask at the gate" if title == "Visitors" else None,
                "assetId": organization.ids("assets")[0] if title == "Visitors" else None,
                "locationId": organization.lists["locations"][0]["id"],
                "emailOnly": False,
                "sendEmailNotification": True,
            }
        )


def _make_requests(organization: Organization, orders: list[Record]) -> None:
    draw = organization.stream("requests")
    making = organization.making
    reported = [order for order in orders if order.get("type") == "REACTIVE"]
    chosen = draw.sample(reported, min(len(reported), organization.size(1900, least=8)))
    requests = []
    for order in chosen:
        created = instant(order["createdAt"]) - int(draw.lognormvariate(1.0, 1.2) * HOUR) - MINUTE
        order["requesterId"] = draw.choice(organization.lists["users"])["id"]
        request = _request(organization, draw, created)
        request["title"] = order["title"]
        request["workOrderId"] = order["id"]
        request["assetId"] = order.get("assetId")
        request["requestStatus"] = "DONE" if order["status"] == "DONE" else "APPROVED"
        requests.append(request)
    for status, full in (("PENDING", 60), ("REJECTED", 240)):
        for _ in range(organization.size(full, least=2)):
            span = 20 * DAY if status == "PENDING" else 1000 * DAY
            request = _request(organization, draw, making.between(draw, making.now - span))
            request["requestStatus"] = status
            requests.append(request)
    requests.sort(key=lambda request: str(request["createdAt"]))
    for request in requests:
        request["id"] = making.new_id("work_requests")
    organization.lists["work_requests"] = requests


def _request(organization: Organization, draw: random.Random, created: int) -> Record:
    making = organization.making
    photographed = draw.random() < 0.2
    by_phone = draw.random() < 0.3
    return {
        "id": 0,
        "title": draw.choice(SYMPTOMS),
        "priority": draw.choice(("NONE", "LOW", "MEDIUM", "HIGH")),
        "description": draw.choice(NOTES) if draw.random() < 0.7 else None,
        "assetId": draw.choice(organization.ids("assets")) if draw.random() < 0.6 else None,
        "locationId": draw.choice(organization.leaves) if draw.random() < 0.8 else None,
        "workOrderId": None,
        "sendEmailNotification": draw.random() < 0.5,
        "extraFields": {"Reported by": "night shift"} if draw.random() < 0.2 else {},
        "approverTeamId": draw.choice(organization.ids("teams")) if draw.random() < 0.3 else None,
        "creatorContactInfo": {
            "type": "PHONE" if by_phone else "EMAIL",
            "value": "815 555 0142" if by_phone else "guest@northfield.example",
        }
        if draw.random() < 0.5
        else None,
        "attachments": [link(draw, making, "photo.jpg", iso(created))] if photographed else [],
        "thumbnail": link(draw, making, "photo.jpg", iso(created)) if photographed else None,
        "createdAt": iso(created),
        "updatedAt": iso(min(making.now - MINUTE, created + int(draw.uniform(0.1, 40) * HOUR))),
    }


def _make_reports(organization: Organization, orders: list[Record]) -> None:
    draw = organization.stream("reports")
    making = organization.making
    stops = [
        status
        for status in organization.lists["asset_statuses"]
        if status["downtimeType"] == "UNPLANNED" and status["endedAt"] and not status["deletedAt"]
    ]
    by_asset: dict[int, list[int]] = {}
    for order in orders:
        if order.get("assetId") and order.get("type") == "REACTIVE":
            by_asset.setdefault(order["assetId"], []).append(order["id"])
    reports: list[Record] = []
    for stop in draw.sample(stops, min(len(stops), organization.size(45, least=2))):
        began, ended = instant(stop["startedAt"]), instant(stop["endedAt"])
        created = min(making.now - HOUR, ended + int(draw.uniform(0.1, 20) * DAY))
        done = draw.random() < 0.7
        reports.append(
            {
                "id": making.new_id("reports"),
                "organizationId": organization.id,
                "status": "DONE" if done else "DRAFT",
                "mainAssetId": stop["assetId"],
                "mainAssetStatusId": stop["id"],
                "createdAt": iso(created),
                "updatedAt": iso(created + MINUTE) if done else None,
                "completedAt": iso(created + MINUTE) if done else None,
                "incidentStartedAt": stop["startedAt"],
                "incidentEndedAt": stop["endedAt"],
                "incidentDuration": (ended - began) // 1000,
                "repairTime": (ended - began) // 2000 if done else None,
                "notes": {"text": draw.choice(NOTES)},
                "creatorId": organization.someone(draw),
                "updaterId": organization.someone(draw) if done else None,
                "archivedAt": iso(created + HOUR) if done and len(reports) % 9 == 1 else None,
                "relatedAssetIds": [],
                "workOrderIds": by_asset.get(stop["assetId"], [])[-2:],
                "problems": [_problem(organization, draw)],
            }
        )
    organization.lists["root_cause_analysis_reports"] = reports


def _problem(organization: Organization, draw: random.Random) -> Record:
    making = organization.making
    category = draw.choice(organization.lists["categories"])
    return {
        "id": making.new_id("problems"),
        "category": {"id": category["id"], "label": category["label"]},
        "stepOptions": [
            {"id": making.new_id("steps"), "label": draw.choice(SYMPTOMS), "stepType": kind}
            for kind in STEP_TYPES
        ],
        "notes": {"text": draw.choice(NOTES)},
    }


def _make_summaries(organization: Organization, orders: list[Record]) -> None:
    draw = organization.stream("summaries")
    for order in orders:
        if order["status"] == "DONE" and draw.random() < 0.1:
            order["workOrderSummary"] = {
                "content": draw.choice(NOTES),
                "summary": SUMMARIES[order["id"] % len(SUMMARIES)],
                "authorId": order.get("completerId"),
            }
