"""The fields of the published API description, and which of them the loaders read."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from loaders.maintainx.catalogue import CATALOGUE, DETAILS, Detail, Resource

Schema = dict[str, Any]
PAGING = {"nextCursor", "nextPageUrl"}


@dataclass(frozen=True)
class Field:
    """One field of a record.

    address: of its list, such as `/parts`.
    path: in the record, such as `locations[].area`.
    tables: raw tables that hold it; none if the loaders do not read it.
    """

    address: str
    path: str
    tables: tuple[str, ...]


@dataclass
class Address:
    """What a list and its records' own addresses send. on_request: values of `expand` of the list;
    alone_on_request: those of the records."""

    listed: dict[str, None]
    alone: dict[str, None]
    on_request: set[str]
    alone_on_request: set[str]


def fields(description: Path) -> list[Field]:
    """Every field of every list, in the order of the description."""
    addresses: dict[str, Address] = {}
    for path, methods in json.loads(description.read_text())["paths"].items():
        answer = methods["get"]["responses"]["200"]["content"]["application/json"]["schema"]
        schema, is_list = _record(answer)
        address = path if is_list else re.sub(r"/\{\w+\}$", "", path)
        found = addresses.setdefault(address, Address({}, {}, set(), set()))
        (found.listed if is_list else found.alone).update(dict.fromkeys(_leaves(schema)))
        asked = found.on_request if is_list else found.alone_on_request
        for parameter in methods["get"].get("parameters", []):
            if parameter["name"] == "expand":
                asked.update(parameter["schema"]["items"]["enum"])
    return [
        Field(address, path, tuple(_tables(address, path, found)))
        for address, found in addresses.items()
        for path in found.listed | found.alone
    ]


def readers(address: str) -> list[Resource]:
    """Lists that read an address; `{entity}` stands for any one segment."""
    pattern = re.compile(re.sub(r"\{\w+\}", r"[^/]+", address))
    return [row for row in CATALOGUE.values() if pattern.fullmatch(row.path)]


def origins(field: Field) -> list[tuple[str, str]]:
    """Raw tables that may hold a field, with its path in their payloads."""
    found = [(row.name, field.path) for row in readers(field.address)]
    for detail in detail_readers(field.address):
        inside = f"{detail.collection}[]." if detail.collection else ""
        found.append((detail.name, inside + field.path))
    return found


def detail_readers(address: str) -> list[Detail]:
    """Details that read an address, or the address of each of its records."""
    name = re.sub(r"\{\w+\}", "{id}", address)
    return [row for row in DETAILS.values() if row.path in (name, f"{name}/{{id}}")]


def _tables(address: str, path: str, found: Address) -> Iterator[str]:
    words = [_snake(name) for name in re.split(r"\[\]\.?|\.", path) if name]
    sent = path in found.listed or words[0] in found.on_request
    needed = found.on_request.intersection(words)
    for row in readers(address):
        if path in found.alone if row.detail_is_payload else sent and needed <= {*row.expand}:
            yield row.name
    for detail in detail_readers(address):
        # The loaders request no field there that is sent on request alone.
        asked = words[0] not in found.alone_on_request
        if path in found.listed if detail.collection else path in found.alone and asked:
            yield detail.name


def _snake(name: str) -> str:
    return re.sub(r"(?<!^)([A-Z])", r"_\1", name).lower()


def _record(answer: Schema) -> tuple[Schema, bool]:
    """The schema of a record in an answer, and whether the answer is a list of them."""
    if answer["type"] == "array":
        return answer["items"], True
    named = {name: inner for name, inner in answer["properties"].items() if name not in PAGING}
    only = next(iter(named.values())) if len(named) == 1 else {}
    if only.get("type") == "array":
        return only["items"], True
    return (only, False) if "properties" in only else (answer, False)


def _leaves(schema: Schema, path: str = "") -> Iterator[str]:
    """Paths of what has no named fields of its own, such as a text or a list of ids."""
    choices = [inner for word in ("allOf", "anyOf", "oneOf") for inner in schema.get(word, ())]
    found = dict.fromkeys(leaf for inner in choices for leaf in _leaves(inner, path))
    if "items" in schema:
        found |= dict.fromkeys(_leaves(schema["items"], f"{path}[]"))
    for name, inner in schema.get("properties", {}).items():
        found |= dict.fromkeys(_leaves(inner, f"{path}.{name}" if path else name))
    if not found and path:
        found[path.removesuffix("[]")] = None
    # One choice can be a plain value where another has fields.
    yield from (leaf for leaf in found if not any(other.startswith(f"{leaf}.") for other in found))
