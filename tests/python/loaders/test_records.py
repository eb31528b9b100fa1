"""Answers taken apart: verbatim slices, ids, hashes, and what is no record."""

import json
import random
from typing import Any

import duckdb
import pytest

from loaders.errors import BadAnswerError
from loaders.maintainx.records import (
    Page,
    Reject,
    answer_text,
    content_hash,
    instant,
    page_by_hand,
    plain_times,
    read_page,
    read_record,
)
from sandbox import Sandbox
from tests.python.loaders.wild import wild_records

HASHES = [
    "18087722e3382a2bbc228b26ab5b7fb1",
    "ac4591bfa2f86d9eabbf7d66e48dc3bd",
    "625e80a307b60de6ce6c1c51098fc37c",
]


def page(*records: str, cursor: str = "null") -> Page:
    text = f'{{"workOrders": [{", ".join(records)}], "nextCursor": {cursor}}}'
    return read_page(text.encode(), "workOrders")


@pytest.mark.parametrize(
    "record",
    [
        '{"id": 1, "cost": 1.10, "title": "a \\u0000 \\"b\\" \\ud83d\\ude00 \\u202e"}',
        '{"id":2,"title":"🛠️ עברית","nested":{"b":[1,{"c":null}]}}',
        '{"id": 3, "big": 12345678901234567890.123456789}',
    ],
)
def test_a_record_is_kept_as_it_was_sent(record: str) -> None:
    assert page(record).records[0].text == record


def test_line_breaks_between_tokens_become_spaces_so_that_a_record_is_one_line() -> None:
    record = json.dumps({"id": 1, "title": "a\nb"}, indent="\t")
    text = page(record).records[0].text
    assert "\n" not in text
    assert "\t" not in text
    assert json.loads(text) == {"id": 1, "title": "a\nb"}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ('{"id": 1, "a": 2, "b": 3}', '{"b": 3, "id": 1, "a": 2}'),
        ('{"id": 1, "a": null}', '{"id": 1}'),
        (
            '{"id": 1, "thumbnail": {"mimeType": "image/png", "url": "https://x/1?sig=a"}}',
            '{"id": 1, "thumbnail": {"mimeType": "image/png", "url": "https://x/1?sig=b"}}',
        ),
        (
            '{"id": 1, "timeItems": [{"type": "TIME", "quantity": 1}, {"type": "PART"}]}',
            '{"id": 1, "timeItems": [{"type": "PART"}, {"quantity": 1, "type": "TIME"}]}',
        ),
    ],
)
def test_what_changes_from_call_to_call_is_no_content(one: str, other: str) -> None:
    assert content_hash(one) == content_hash(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ('{"id": 1, "a": "2"}', '{"id": 1, "a": 2}'),
        ('{"id": 1, "assignees": [1, 2]}', '{"id": 1, "assignees": [2, 1]}'),
        ('{"id": 1, "timeItems": [{"a": 1}]}', '{"id": 1, "timeItems": [{"a": 1}, {"a": 1}]}'),
        ('{"id": 1, "extraFields": {"url": "a"}}', '{"id": 1, "extraFields": {"url": "b"}}'),
        ('{"id": 1, "t": ""}', '{"id": 1}'),
    ],
)
def test_what_people_change_is_content(one: str, other: str) -> None:
    assert content_hash(one) != content_hash(other)


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        ("5", "the record is not an object"),
        ("null", "the record is not an object"),
        ('{"title": "x"}', "the record has no id"),
        ('{"id": "17"}', "the record's id is not a whole number"),
        ('{"id": true}', "the record's id is not a whole number"),
        ('{"id": 1.5}', "the record's id is not a whole number"),
        ('{"id": 99999999999999999999}', "the record's id is not a whole number"),
    ],
)
def test_what_is_no_record_is_rejected_and_the_rest_of_the_page_read(
    record: str, reason: str
) -> None:
    found = page('{"id": 1}', record, '{"id": 2.0}')
    assert [one.id for one in found.records] == [1, 2]
    assert found.rejects == [Reject(reason, record)]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "<html>log in</html>",
        '{"workOrders": [{"id": 1}',
        '{"workOrders": [{"id": 1}]',
        '{"workOrders": [{"id": 1}]} trailing',
        '{"workOrders": {"id": 1}}',
        '{"assets": []}',
        '{"workOrders": [{"id": 1},]}',
        "[]",
        "null",
    ],
)
def test_an_answer_that_is_no_page_is_refused(text: str) -> None:
    with pytest.raises(BadAnswerError):
        read_page(text.encode(), "workOrders")


def test_cursor_and_order_of_keys() -> None:
    assert page('{"id": 1}', cursor='"abc"').next_cursor == "abc"
    assert page(cursor='""').next_cursor is None
    assert read_page(b'{"nextCursor": "n", "workOrders": []}', "workOrders").next_cursor == "n"
    assert read_page(b'[{"id": 7}]', None).records[0].id == 7


@pytest.mark.parametrize(
    "second", ['{"id":1}', '{"id":2}', '{"id":2,"a":[],"note":"twelve chars"}'], ids=str
)
def test_no_record_of_an_answer_with_two_lists_is_lost(second: str) -> None:
    text = f'{{"workOrders":[{{"id":1}}],"workOrders":[{second}]}}'
    found = [record.text for record in read_page(text.encode(), "workOrders").records]
    assert found == ['{"id":1}', second]


def test_a_single_record() -> None:
    record = read_record(b'{"purchaseOrder": {"id": 7, "items": []}}', "purchaseOrder")
    assert (record.id, record.text) == (7, '{"id": 7, "items": []}')
    with pytest.raises(BadAnswerError):
        read_record(b'{"purchaseOrder": {"title": "no id"}}', "purchaseOrder")


def test_instants_are_utc_and_garbage_is_none() -> None:
    moment = instant("2026-03-01T10:00:00+02:00")
    assert moment is not None
    assert moment.isoformat() == "2026-03-01T08:00:00+00:00"
    assert instant("2026-03-01T08:00:00.000Z") == moment
    assert instant("2026-03-01T08:00:00") == moment
    assert [instant(value) for value in ("soon", "", 5, None, "0001-01-01T00:00:00+14:00")] == [
        None
    ] * 5


def broken(text: str, draw: random.Random) -> bytes:
    """A text with up to two bytes replaced, doubled or left out."""
    content = bytearray(text.encode())
    for _ in range(draw.randrange(3)):
        at = draw.randrange(len(content))
        content[at : at + 1] = draw.choice(
            (b"", bytes(content[at : at + 1] * 2), bytes([draw.randrange(256)]), b'"', b"\\", b"}")
        )
    return bytes(content)


def test_msgspec_reads_what_the_json_module_reads(sandbox: Sandbox) -> None:
    """Of wild records, written in several ways, whole and broken."""
    draw = random.Random(5)
    fast = refused = 0
    texts = []
    for records in wild_records(5, sandbox).values():
        for _ in range(8):
            chosen = draw.sample(records, min(3, len(records)))
            answer = {"records": chosen, "nextCursor": draw.choice((None, "", "next", "n", 5))}
            style: dict[str, Any] = draw.choice(({}, {"separators": (",", ":")}, {"indent": "\t"}))
            text = json.dumps(answer, ensure_ascii=draw.random() < 0.5, **style)
            text = text.encode("utf-8", "replace").decode()
            if draw.random() < 0.9:
                text = answer_text(text.encode())
            content = broken(text, draw)
            try:
                expected = page_by_hand(answer_text(content), "records")
            except BadAnswerError:
                with pytest.raises(BadAnswerError):
                    read_page(content, "records")
                refused += 1
                continue
            found = read_page(content, "records")
            assert found.next_cursor == expected.next_cursor
            assert found.rejects == expected.rejects
            for one, other in zip(found.records, expected.records, strict=True):
                assert (one.id, one.raw) == (other.id, other.raw)
                for key in ("createdAt", "updatedAt", "completedAt"):
                    assert one.time(key) == other.time(key)
                texts.append((one.text, one.odd))
            fast += any(not record.odd for record in found.records)
    assert (fast > 60, refused > 60) == (True, True)
    # DuckDB is not asked about what msgspec took.
    with duckdb.connect() as connection:
        connection.execute("create table texts (text varchar, odd boolean)")
        connection.executemany("insert into texts values (?, ?)", texts)
        assert (
            connection.execute(
                "select text from texts where not odd and not json_valid(text)"
            ).fetchall()
            == []
        )


def test_content_hashes_are_those_of_earlier_releases() -> None:
    """Else an upgrade would make another version of each record that holds a link."""
    records = (
        '{"id": 1, "a": null, "b": {"d": [1.10, 1e999, -0, 12345678901234567890]}}',
        '{"id":2,"t":"Kühler \\ud83d\\ude00 \\u0000","l":{"url":"https://x","fileName":"f"}}',
        '{"id":3,"timeItems":[{"b":2},{"a":1}],"id":4,"imageUrl":"https://x"}',
    )
    assert [content_hash(record) for record in records] == HASHES


@pytest.mark.parametrize(
    "second",
    [None, 5, "", "2026-03-01T00:00:00.000", "1969-01-01T00:00:00Z", "2026-03-01T24:00:00Z"],
)
def test_times_of_a_page_are_plain_only_if_each_is(second: object) -> None:
    def found(*times: object) -> list[str] | None:
        texts = [json.dumps({"id": 1, "updatedAt": one}) for one in times]
        return plain_times(page(*texts).records, "updatedAt")

    first = "2026-03-01T00:00:00.000Z"
    assert found(first, first[:-5] + "Z") == [first, first[:-5] + "Z"]
    assert found(first, second) is None
    assert found(f"{first}\n{first}") is None
    assert found(first[:-1], f"Z{first}") is None
    assert found() == []
