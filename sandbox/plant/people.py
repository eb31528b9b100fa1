"""Users, teams, vendors, categories, custom field definitions."""

import random

from sandbox.plant.clock import DAY, HOUR, iso
from sandbox.plant.making import Organization, Record, custom_values, link
from sandbox.plant.words import (
    CATEGORIES,
    CUSTOM_FIELD_ENTITIES,
    FIRST_NAMES,
    LAST_NAMES,
    OTHER_FIELDS,
    TEAMS,
    VENDORS,
    WORK_ORDER_FIELDS,
)

ROLES = ("ADMIN", "MEMBER", "OPERATOR", "REQUESTER", "SERVICE_ACCOUNT")
ROLE_WEIGHTS = (6, 62, 14, 16, 2)


def make(organization: Organization) -> None:
    """Add users, including those who left, teams, vendors, categories, custom field definitions."""
    _make_users(organization)
    _make_teams(organization)
    _make_vendors(organization)
    _make_categories(organization)
    _make_custom_fields(organization)


def _make_users(organization: Organization) -> None:
    draw = organization.stream("users")
    count = organization.size(120, least=12)
    departed = max(1, round(count * 0.06))
    users = [_user(organization, draw) for _ in range(count + departed)]
    users[0]["role"] = "ADMIN"
    for user in users[3 : 3 + departed]:
        user["removedFromOrganization"] = True
        organization.departed.append(user["id"])
        organization.making.soil("users_who_left", user["id"])
    blank = users[-1]
    blank["firstName"] = blank["lastName"] = ""
    organization.making.soil("blank_user_name", blank["id"])
    users[-2]["lastName"] = ""
    organization.lists["users"] = users
    organization.crew = [
        user["id"]
        for user in users
        if not user.get("removedFromOrganization")
        and user["role"] in ("ADMIN", "MEMBER", "OPERATOR")
    ]


def _user(organization: Organization, draw: random.Random) -> Record:
    first, last = draw.choice(FIRST_NAMES), draw.choice(LAST_NAMES)
    role = draw.choices(ROLES, ROLE_WEIGHTS)[0]
    mail = f"{first}.{last}".encode("ascii", "ignore").decode().lower().replace("'", "")
    user: Record = {
        "id": organization.making.new_id("users"),
        "firstName": first,
        "lastName": last,
        "role": role,
        "removedFromOrganization": False,
        "extraFields": {"Department": draw.choice(("Maintenance", "Production", "Quality"))},
    }
    if draw.random() < 0.9:
        user["email"] = f"{mail}{user['id'] % 100}@northfield.example"
    if draw.random() < 0.4:
        user["phoneNumber"] = f"+1 815 555 {draw.randrange(10_000):04}"
    if draw.random() < 0.9:
        user["authType"] = draw.choices(("NORMAL", "SAML", "OIDC"), (5, 4, 1))[0]
    if draw.random() < 0.85:
        user["hourlyRate"] = draw.choice((2850, 3100, 3425, 3999, 4650, 5200))
    if draw.random() < 0.95:
        now = organization.making.now
        user["lastVisitedAt"] = iso(now - int(draw.expovariate(1 / (4 * DAY))))
    return user


def _make_teams(organization: Organization) -> None:
    draw = organization.stream("teams")
    teams = TEAMS[:5] if organization.is_first else TEAMS[5:]
    members = organization.crew
    organization.lists["teams"] = []
    for name, description in teams:
        size = min(len(members), max(2, round(len(members) / len(teams))))
        chosen = sorted(draw.sample(members, size))
        organization.lists["teams"].append(
            {
                "id": organization.making.new_id("teams"),
                "name": name,
                "description": description,
                "assetIds": [],
                "locationIds": [],
                "membersCount": size,
                "_members": [
                    (user, "ADMIN" if number == 0 else "MEMBER")
                    for number, user in enumerate(chosen)
                ],
            }
        )


def _make_vendors(organization: Organization) -> None:
    draw = organization.stream("vendors")
    making = organization.making
    names = [name for name in VENDORS if draw.random() < 0.8 or name == VENDORS[0]]
    vendors: list[Record] = []
    for name in names:
        vendor_id = making.new_id("vendors")
        domain = "".join(letter for letter in name.lower() if letter.isascii() and letter.isalnum())
        contacts = [
            {
                "id": making.new_id("contacts"),
                "name": f"{draw.choice(FIRST_NAMES)} {draw.choice(LAST_NAMES)}",
                "role": draw.choice(("Sales", "Service", None)),
                "email": f"contact{number}@{domain}.example",
                "phoneNumber": None,
                "extension": None,
                "vendorId": vendor_id,
            }
            for number in range(draw.randrange(3))
        ]
        vendors.append(
            {
                "id": vendor_id,
                "name": name,
                "emails": [f"info@{domain}.example"],
                "phoneNumbers": ["+1 312 555 0100"] if draw.random() < 0.6 else [],
                "description": "Preferred" if draw.random() < 0.3 else None,
                "attachments": [],
                "thumbnail": link(draw, making, "logo.png", iso(making.go_live))
                if draw.random() < 0.3
                else None,
                "contactIds": [contact["id"] for contact in contacts],
                "extraFields": custom_values(draw, OTHER_FIELDS["vendors"], 0.5),
                "_contacts": contacts,
            }
        )
    vendors[-1]["name"] = ""
    making.soil("blank_vendor_name", vendors[-1]["id"])
    organization.lists["vendors"] = vendors


def _make_categories(organization: Organization) -> None:
    draw = organization.stream("categories")
    organization.lists["categories"] = [
        {
            "id": organization.making.new_id("categories"),
            "label": label,
            "description": description,
            "workOrderCount": 0,
            "updatedAt": iso(organization.making.go_live + int(draw.random() * 90 * 24) * HOUR),
        }
        for label, description in CATEGORIES
    ]


def _make_custom_fields(organization: Organization) -> None:
    for entity, name in CUSTOM_FIELD_ENTITIES.items():
        fields = WORK_ORDER_FIELDS if entity == "workOrders" else OTHER_FIELDS[entity]
        records: list[Record] = []
        for number, (label, kind, options) in enumerate(fields):
            record: Record = {
                "id": organization.making.new_id("custom_fields"),
                "label": label,
                "sortOrder": number,
                "type": kind,
                "required": number == 0,
            }
            if number == 1:
                record["unlisted"] = True
            if options:
                record["options"] = list(options)
            records.append(record)
        organization.lists[name] = records
