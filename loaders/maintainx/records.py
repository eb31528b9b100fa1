"""Parses answers: each record unchanged, with its id, times and hashes.

msgspec cuts a page into its records and reads their ids and times, without decoding the rest. What
it refuses is read again by the json module, which tells a bad record from a bad answer.
"""

import json
import math
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from hashlib import blake2b, sha256
from typing import Any

import msgspec

from loaders.errors import BadAnswerError

SHIFTING_LISTS = ("times", "timeItems", "expenditures")
# Hex digits of a hash.
HASH = 32
LARGEST_ID = 2**63 - 1
REPLACEMENT = "\ufffd"
# Levels of arrays and objects in a record. Those of MaintainX have about ten; Python and DuckDB
# cannot read thousands.
DEEPEST = 500
# How MaintainX writes `url` and `imageUrl`. Where another text means the same, only time is lost.
LINK = b'rl":"http'
NO_WHOLE_NUMBER = "the record's id is not a whole number"
# Before and after these, a time is a typing error: nobody asks from it.
FIRST = datetime(1970, 1, 1, tzinfo=UTC)
LAST = datetime(2200, 1, 1, tzinfo=UTC)

# Times as MaintainX writes them, one a line. A day such as February 30 passes.
_PLAIN_TIMES = re.compile(
    r"(?:(?:19[7-9]|2[01]\d)\d-[01]\d-[0-3]\dT(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,6})?Z\n)*",
    re.ASCII,
)
_UNUSUAL = re.compile(r"\\u[dD][89a-fA-F]|NaN|Infinity")
_ESCAPE = re.compile(
    r"\\(?:u[dD][89abAB]..\\u[dD][c-fC-F]..|(u[dD][89a-fA-F][0-9a-fA-F]{2})|.)", re.DOTALL
)
_TEXT_OR_NO_NUMBER = re.compile(r'"(?:[^"\\]|\\.)*"|-?(?:NaN|Infinity)', re.DOTALL)

_TEXT_OR_BRACKET = re.compile(r'"(?:[^"\\]|\\.)*"?|[][{}]', re.DOTALL)


class Times(msgspec.Struct, gc=False):
    """The fields of a record that paging needs, as they were sent."""

    id: Any = None
    createdAt: Any = None  # noqa: N815
    updatedAt: Any = None  # noqa: N815
    completedAt: Any = None  # noqa: N815


class Record(msgspec.Struct, gc=False):
    """One record: `raw` unchanged, on one line, in UTF-8.

    odd: msgspec refused its answer, so that DuckDB may refuse the record. may_link: its answer
    holds a link.
    """

    id: int
    raw: bytes
    times: Times
    odd: bool = False
    may_link: bool = True

    @property
    def text(self) -> str:
        """The record as text."""
        return self.raw.decode()

    @property
    def data(self) -> dict[str, Any]:
        """The record, parsed, without nulls and signed links."""
        value: dict[str, Any] = _decode(self.text, 0)[0]
        return value

    def time(self, key: str) -> datetime | None:
        """The instant (UTC) under `key`, a field of Times; None if missing or not a date."""
        return instant(getattr(self.times, key))

    @property
    def content_hash(self) -> str:
        """The content hash of its text."""
        return content_hash(self.text)

    @property
    def quick_hash(self) -> str:
        """32 hex digits. Equal ones mean equal content, but different ones may, too.

        The hash of the text as it was sent, which takes a tenth of the time of a content hash; the
        content hash where a link may be signed, because each answer signs it anew. Processors have
        instructions for SHA-256; content hashes are BLAKE2, as in all raw files.
        """
        if self.may_link and LINK in self.raw:
            return self.content_hash
        return sha256(self.raw).hexdigest()[:HASH]


@dataclass(frozen=True)
class Reject:
    """An element of a list that is not a record, and why."""

    reason: str
    text: str


@dataclass(frozen=True)
class Page:
    """One page of a list. digest: of the answer, where it was asked for and nothing is odd."""

    records: list[Record]
    rejects: list[Reject]
    next_cursor: str | None
    digest: str | None = None


def text_hash(text: str) -> str:
    """Hash of a text: 32 hex digits."""
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=HASH // 2).hexdigest()


def content_hash(text: str) -> str:
    """Hash of a record's content: 32 hex digits, equal for equal content.

    Ignores key order, nulls, signed links and the order of cost entries: they change between calls
    although the record is the same. A text that Python cannot decode is its own content.
    """
    try:
        return text_hash(_canonical(_decode(text, 0)[0]))
    except BadAnswerError:
        return text_hash(text)


def instant(value: object) -> datetime | None:
    """The instant (UTC) of an ISO 8601 text, without offset read as UTC; None for anything else.

    None also for years before 1970 and after 2199.
    """
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value)
        moment = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return moment if FIRST <= moment < LAST else None


def plain_times(records: list[Record], key: str) -> list[str] | None:
    """The texts under `key` where all are written as MaintainX writes times, else None.

    One check of a page takes a seventh of the time that it takes to parse each. A day that no
    calendar has, such as February 30, passes.
    """
    texts = [getattr(record.times, key) for record in records]
    try:
        lines = "\n".join([*texts, ""])
    except TypeError:
        return None
    is_plain = lines.count("\n") == len(texts) and _PLAIN_TIMES.fullmatch(lines)
    return texts if is_plain else None


def answer_text(content: bytes) -> str:
    """An answer as JSON that every reader takes.

    Half a character, such as a lone surrogate, becomes U+FFFD; NaN and Infinity become null.
    """
    text = content.decode("utf-8-sig", "replace")
    if not _UNUSUAL.search(text):
        return text
    text = _ESCAPE.sub(lambda found: REPLACEMENT if found[1] else found[0], text)
    return _TEXT_OR_NO_NUMBER.sub(
        lambda found: found[0] if found[0].startswith('"') else "null", text
    )


_canonical = json.JSONEncoder(sort_keys=True, separators=(",", ":")).encode


def _content(pairs: dict[str, Any]) -> dict[str, Any]:
    content = {key: value for key, value in pairs.items() if value is not None}
    if "url" in content and ("mimeType" in content or "fileName" in content):
        del content["url"]
    content.pop("imageUrl", None)
    for key in SHIFTING_LISTS:
        entries = content.get(key)
        if isinstance(entries, list):
            content[key] = sorted(entries, key=_canonical)
    return content


class _TooDeepError(BadAnswerError):
    """Python cannot decode it."""


_DECODER = json.JSONDecoder(object_hook=_content)
_SPACE = " \t\n\r"


def _skip(text: str, at: int) -> int:
    while at < len(text) and text[at] in _SPACE:
        at += 1
    return at


def _decode(text: str, at: int) -> tuple[Any, int]:
    try:
        value, end = _DECODER.raw_decode(text, _skip(text, at))
    except ValueError as error:
        raise BadAnswerError(f"the answer is not complete JSON: {error}") from None
    except RecursionError:
        raise _TooDeepError(f"the answer is nested more than {DEEPEST} levels deep") from None
    return value, _skip(text, end)


def _span(text: str, at: int) -> tuple[int, int]:
    """How many levels deep the array or object at `at` is, and where it ends."""
    level = deepest = 0
    for found in _TEXT_OR_BRACKET.finditer(text, at):
        if found[0] in "[{":
            level += 1
            deepest = max(deepest, level)
        elif found[0] in "]}":
            level -= 1
            if level == 0:
                return deepest, _skip(text, found.end())
    raise BadAnswerError("the answer is not complete JSON: it ends within a record")


def _is_too_deep(raw: bytes) -> bool:
    # To remove the brackets takes less than half as long as to count them.
    brackets = 2 * len(raw) - len(raw.replace(b"[", b"")) - len(raw.replace(b"{", b""))
    return brackets > DEEPEST and _span(raw.decode(), 0)[0] > DEEPEST


def _expect(text: str, at: int, symbol: str) -> int:
    if text[at : at + 1] != symbol:
        raise BadAnswerError(f"the answer is not complete JSON: no {symbol!r} at character {at}")
    return _skip(text, at + 1)


def _elements(text: str, at: int, element: Callable[[str, int], int], end: str) -> int:
    """Call `element` for each element between the opening bracket before `at` and `end`."""
    if text[at : at + 1] == end:
        return at + 1
    while True:
        at = element(text, at)
        if text[at : at + 1] == end:
            return at + 1
        at = _expect(text, at, ",")


def _verbatim(raw: bytes) -> bytes:
    """The text on one line; JSON has raw line breaks and tabs only between tokens."""
    for symbol in (b"\t", b"\n", b"\r"):
        raw = raw.replace(symbol, b" ")
    return raw


def read_page(content: bytes, collection: str | None, expected: str | None = None) -> Page:
    """Parse the answer of a list; the text of each record is kept unchanged.

    expected: the digest of an answer that is known; it comes back without records. None: no digest
    is wanted. An empty object, as the answer or in place of the list, is an empty list. Raises
    BadAnswerError if the answer is truncated, not JSON, or lacks the collection.
    """
    digest = None if expected is None else sha256(content).hexdigest()
    if digest is not None and digest == expected:
        return Page([], [], None, digest)
    try:
        content.decode()
        elements, cursor = _cut(content, collection)
    except (UnicodeDecodeError, msgspec.MsgspecError, RecursionError):
        return page_by_hand(answer_text(content), collection)
    is_tidy = not any(symbol in content for symbol in (b"\t", b"\n", b"\r"))
    page = Page([], [], cursor, digest)
    may_link = LINK in content
    for element, times in zip(elements, _times(content, collection, elements), strict=True):
        raw = bytes(element) if is_tidy else _verbatim(bytes(element))
        is_plain = type(times.id) is int and -LARGEST_ID <= times.id <= LARGEST_ID
        if is_plain and not _is_too_deep(raw):
            page.records.append(Record(times.id, raw, times, may_link=may_link))
            continue
        text = raw.decode()
        found = _record(None if _is_too_deep(raw) else _decode(text, 0)[0], text)
        (page.records if isinstance(found, Record) else page.rejects).append(found)  # type: ignore[arg-type]
    return page


@cache
def _decoder(collection: str | None, kind: type) -> msgspec.json.Decoder[Any]:
    """Decodes an answer to its list, of elements of one kind, and the next cursor."""
    if collection is None:
        return msgspec.json.Decoder(list[kind])  # type: ignore[valid-type]
    fields: list[tuple[str, Any, Any]] = [
        ("records", list[kind], msgspec.NODEFAULT),  # type: ignore[valid-type]
        ("cursor", str | None, None),
    ]
    names = {"records": collection, "cursor": "nextCursor"}
    return msgspec.json.Decoder(msgspec.defstruct("Answer", fields, rename=names))


_TIMES = msgspec.json.Decoder(Times)


def _times(content: bytes, collection: str | None, elements: list[msgspec.Raw]) -> Iterable[Times]:
    """The ids and times of the elements; empty for those that are no object."""
    try:
        answer = _decoder(collection, Times).decode(content)
    except (msgspec.MsgspecError, RecursionError):
        return map(_times_of, elements)
    return answer if collection is None else answer.records  # type: ignore[no-any-return]


def _times_of(element: msgspec.Raw) -> Times:
    try:
        return _TIMES.decode(element)
    except (msgspec.MsgspecError, RecursionError):
        return Times()


def _cut(content: bytes, collection: str | None) -> tuple[list[msgspec.Raw], str | None]:
    """The elements of the list and the next cursor. Raises MsgspecError, RecursionError."""
    answer = _decoder(collection, msgspec.Raw).decode(content)
    if collection is None:
        return answer, None
    if not _is_only_list(content, f'"{collection}"'.encode(), answer.records):
        # msgspec would keep the last of two lists.
        raise msgspec.MsgspecError
    return answer.records, answer.cursor or None


def _is_only_list(content: bytes, key: bytes, elements: list[msgspec.Raw]) -> bool:
    """Whether an answer names its list once.

    MaintainX begins an answer with the list, so only what follows it has to be searched. To search
    the whole answer takes as long as to cut it.
    """
    listed = b"{%b:[%b]" % (key, b",".join(elements))
    if content.startswith(listed):
        return key not in content[len(listed) :]
    return content.count(key) == 1


def page_by_hand(text: str, collection: str | None) -> Page:
    """What `read_page` returns, where msgspec refuses the answer. Raises BadAnswerError."""
    page = Page([], [], None)
    other: dict[str, Any] = {}

    def record(text: str, at: int) -> int:
        try:
            value, end = _decode(text, at)
        except _TooDeepError:
            value, end = None, _span(text, at)[1]
        found = _record(value, text[at:end].rstrip(_SPACE))
        (page.records if isinstance(found, Record) else page.rejects).append(found)  # type: ignore[arg-type]
        return end

    def entry(text: str, at: int) -> int:
        key, at = _decode(text, at)
        at = _expect(text, at, ":")
        if key == collection and text[at : at + 1] == "[":
            other[key] = True
            return _skip(text, _elements(text, _skip(text, at + 1), record, "]"))
        other[str(key)], at = _decode(text, at)
        return at

    start = _skip(text, 0)
    if collection is None:
        end = _elements(text, _expect(text, start, "["), record, "]")
    else:
        end = _elements(text, _expect(text, start, "{"), entry, "}")
        found = other.get(collection, None if other else {})
        if found is not True and found != {}:
            raise BadAnswerError(f"the answer contains no list named {collection!r}")
    if _skip(text, end) != len(text):
        raise BadAnswerError("the answer has text after its end")
    cursor = other.get("nextCursor")
    return Page(page.records, page.rejects, str(cursor) if cursor else None)


def read_record(content: bytes, key: str) -> Record:
    """The record under `key` in an answer of `path/{id}`. Raises BadAnswerError."""
    text = answer_text(content)
    found: list[Record | Reject] = []

    def entry(text: str, at: int) -> int:
        name, at = _decode(text, at)
        at = _expect(text, at, ":")
        value, end = _decode(text, at)
        if name == key:
            found.append(_record(value, text[at:end].rstrip(_SPACE)))
        return end

    _elements(text, _expect(text, _skip(text, 0), "{"), entry, "}")
    if not found or isinstance(found[0], Reject):
        reason = found[0].reason if found and isinstance(found[0], Reject) else "it is not there"
        raise BadAnswerError(f"the answer contains no record under {key!r}: {reason}")
    return found[0]


def _record(value: object, text: str) -> Record | Reject:
    raw = _verbatim(text.encode())
    text = raw.decode()
    if _is_too_deep(raw):
        return Reject(f"the record is nested more than {DEEPEST} levels deep", text)
    if not isinstance(value, dict):
        return Reject("the record is not an object", text)
    number = value.get("id")
    if number is None:
        return Reject("the record has no id", text)
    if isinstance(number, float) and math.isfinite(number) and number.is_integer():
        number = int(number)
    if not isinstance(number, int) or isinstance(number, bool) or abs(number) > LARGEST_ID:
        return Reject(NO_WHOLE_NUMBER, text)
    times = {name: value.get(name) for name in Times.__struct_fields__}
    return Record(number, raw, Times(**times), odd=True)
