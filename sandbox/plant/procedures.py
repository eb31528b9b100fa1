"""Procedure templates, and completed procedures on work orders."""

import random

from sandbox.plant.clock import iso
from sandbox.plant.making import SIGNED, Organization, Record
from sandbox.plant.words import TASKS

ROWS = (
    ("Safety first", "HEADING", None),
    ("Locked out and tagged?", "YES_NO_NA", None),
    ("Guards in place", "INSPECTION_CHECK", None),
    ("Temperature [°C]", "NUMBER", None),
    ("Condition", "MULTIPLE_CHOICE", ("Good", "Worn", "Replace")),
    ("What did you do?", "TEXT", None),
    ("Steps", "CHECKLIST", ("Clean", "Grease", "Test run")),
    ("Reset the counter", "CHECKBOX", None),
    ("Next change", "DATE", None),
    ("Spent on consumables", "AMOUNT", None),
    ("Signature", "SIGNATURE", None),
)
ANSWERS = {
    "YES_NO_NA": ("yes", "yes", "yes", "no", "n/a"),
    "INSPECTION_CHECK": ("pass", "pass", "pass", "pass", "flag", "fail"),
    "TEXT": ("OK", "replaced", "see note \u26a0", "ok, läuft", ""),
    "CHECKBOX": ("true", "false"),
}


def make_templates(organization: Organization) -> None:
    """The procedure templates of an organization."""
    draw = organization.stream("procedure templates")
    making = organization.making
    organization.lists["procedure_templates"] = []
    for number in range(max(4, min(len(TASKS), round(24 * making.scale)))):
        rows: list[Record] = []
        for label, kind, choices in ROWS:
            if draw.random() < 0.35:
                continue
            row: Record = {
                "id": making.new_id("procedure_rows"),
                "label": label,
                "type": kind,
            }
            if choices:
                row["choices"] = list(choices)
            if kind == "DATE":
                row["isDateAndTime"] = False
            rows.append(row)
        organization.lists["procedure_templates"].append(
            {
                "id": making.new_id("procedure_templates"),
                "title": f"{TASKS[number]} – standard",
                "deletedAt": None,
                "rows": rows or None,
                **making.stamps(draw),
            }
        )


def filled_in(template: Record, order: Record, answered: int, draw: random.Random) -> Record:
    """The procedure of a work order; if the order is done, answered at that instant."""
    first = order["id"] * 100
    done = order["status"] == "DONE"
    fields = [
        {
            "id": first + number,
            "procedureTemplateId": template["id"],
            "procedureTemplateFieldId": row["id"],
            "required": number == 1,
            "type": row["type"],
            "label": row["label"],
            "value": _value(row, order["id"], answered, draw) if done else {},
        }
        for number, row in enumerate(template["rows"] or ())
    ]
    return {
        "id": first,
        "templateIds": [template["id"]],
        "title": template["title"],
        "fields": fields,
    }


def _value(row: Record, order_id: int, answered: int, draw: random.Random) -> Record:
    kind = row["type"]
    if kind in ("HEADING", "SIGNATURE"):
        return _signature(row["id"] + order_id, answered) if kind == "SIGNATURE" else {}
    if kind in ("NUMBER", "AMOUNT"):
        return {"text": f"{draw.random() * 80:.1f}"}
    if kind == "DATE":
        return {"text": iso(answered)[:10]}
    return {"text": draw.choice(row.get("choices") or ANSWERS[kind])}


def _signature(file_id: int, signed: int) -> Record:
    name = "signature.png"
    return {
        "attachment": {
            "id": file_id,
            "mimeType": "image/png",
            "fileName": name,
            "url": SIGNED.format(file_id, name),
            "createdAt": iso(signed),
        }
    }
