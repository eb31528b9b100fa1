"""How far each field of the description comes: raw, a typed column, a mart; else the reason."""

import csv
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tools.coverage.description import Field, origins
from tools.coverage.lineage import Column

REASONS = Path(__file__).with_name("reasons.csv")
COPY = "copy of "
TYPED = ("staging", "intermediate", "marts")


@dataclass(frozen=True)
class Reason:
    """Why a field, and all that lies in it, is in no mart.

    missing: the first layer without it: raw, type or mart. Or `copy of /list` or
    `copy of /list field`: MaintainX repeats a record, or a field, that is read elsewhere.
    """

    address: str
    field: str
    missing: str
    reason: str

    def covers(self, field: Field) -> bool:
        inner = field.path[len(self.field) :]
        is_inside = field.path.startswith(self.field) and (
            not self.field or inner[:1] in ("", ".", "[")
        )
        return is_inside and self.address == field.address

    def original(self, field: Field) -> tuple[str, str]:
        """Address and path of what a copy repeats."""
        address, _, start = self.missing.removeprefix(COPY).partition(" ")
        inner = field.path[len(self.field) :]
        return address, start + inner if start else re.sub(r"^(\[\])?\.?", "", inner)


@dataclass(frozen=True)
class Row:
    """A field with the best column of each layer, and the reason that is nearest to it."""

    field: Field
    typed: str
    mart: str
    reason: Reason | None

    @property
    def missing(self) -> str:
        """The first layer that does not have it; empty if a mart has it."""
        if not self.field.tables:
            return "raw"
        return "" if self.mart else "mart" if self.typed else "type"

    @property
    def is_copy(self) -> bool:
        return self.reason is not None and self.reason.missing.startswith(COPY)


def read_reasons() -> list[Reason]:
    with REASONS.open(newline="") as file:
        return [Reason(**row) for row in csv.DictReader(file)]


def rows(
    fields: Iterable[Field], columns: Iterable[Column], reasons: Iterable[Reason]
) -> list[Row]:
    """Join the fields with the columns that are calculated from them."""
    found: dict[bool, dict[tuple[str, str], list[Column]]] = {
        False: defaultdict(list),
        True: defaultdict(list),
    }
    for column in columns:
        if column.layer in TYPED:
            for table, path in column.origins:
                for start in _starts(path.lower()):
                    found[column.layer == "marts"][table, start].append(column)

    def best(field: Field, *in_mart: bool) -> str:
        """Of the columns made of the fewest fields, that of the shortest model, staging first."""
        candidates = [
            column
            for layer in in_mart
            for table, path in origins(field)
            for column in found[layer][table, path.lower()]
        ]
        # The manifest has no fixed order.
        column = min(
            candidates,
            key=lambda each: (
                len(each.origins),
                each.layer == "marts",
                len(each.model),
                each.model,
                each.name,
            ),
            default=None,
        )
        return f"{column.model}.{column.name}" if column else ""

    def joined(field: Field) -> Row:
        mart = best(field, True)
        given = [each for each in reasons if each.covers(field)]
        nearest = max(given, key=lambda each: len(each.field), default=None)
        if nearest and nearest.missing.startswith(COPY) and field.tables and mart:
            nearest = None  # a mart reads the copy
        return Row(field, best(field, False, True), mart, nearest)

    return [joined(field) for field in fields]


def _starts(path: str) -> Iterator[str]:
    """A path, and those of the fields that it lies in: an entry of a list of ids is the list."""
    yield path
    for match in re.finditer(r"\[\]|\.", path):
        yield path[: match.start()]


def mistakes(table: list[Row], reasons: list[Reason]) -> list[str]:
    """Fields without a reason, and reasons that are wrong or not needed."""
    found = []
    known = {(row.field.address, row.field.path) for row in table}
    for row in table:
        name = f"{row.field.address} {row.field.path}"
        missing, reason = row.missing, row.reason
        if reason is None:
            if missing:
                found.append(f"{name}: missing in {missing}; add a mart column or a reason")
        elif row.is_copy:
            if reason.original(row.field) not in known:
                original = " ".join(reason.original(row.field))
                found.append(f"{name}: no copy, {original} does not exist; add a reason")
        elif missing != reason.missing:
            now = f"missing in {missing}" if missing else f"in {row.mart}"
            found.append(f"{name}: is {now}, its reason says missing in {reason.missing}")
    used = {row.reason for row in table}
    found += [
        f"{each.address} {each.field}: the reason covers no field; remove it"
        for each in reasons
        if each not in used
    ]
    return found
