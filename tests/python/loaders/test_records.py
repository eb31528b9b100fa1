"""Answers taken apart: verbatim slices, ids, hashes, and what is no record."""

import json

import pytest

from loaders.errors import BadAnswerError
from loaders.maintainx.records import Page, Reject, instant, read_page, read_record


def page(*records: str, cursor: str = "null") -> Page:
    text = f'{{"workOrders": [{", ".join(records)}], "nextCursor": {cursor}}}'
    return read_page(text, "workOrders")


def content_hash(record: str) -> str:
    return page(record).records[0].content_hash


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
        read_page(text, "workOrders")


def test_cursor_and_order_of_keys() -> None:
    assert page('{"id": 1}', cursor='"abc"').next_cursor == "abc"
    assert page(cursor='""').next_cursor is None
    assert read_page('{"nextCursor": "n", "workOrders": []}', "workOrders").next_cursor == "n"
    assert read_page('[{"id": 7}]', None).records[0].id == 7


def test_a_single_record() -> None:
    record = read_record('{"purchaseOrder": {"id": 7, "items": []}}', "purchaseOrder")
    assert (record.id, record.text) == (7, '{"id": 7, "items": []}')
    with pytest.raises(BadAnswerError):
        read_record('{"purchaseOrder": {"title": "no id"}}', "purchaseOrder")


def test_instants_are_utc_and_garbage_is_none() -> None:
    moment = instant("2026-03-01T10:00:00+02:00")
    assert moment is not None
    assert moment.isoformat() == "2026-03-01T08:00:00+00:00"
    assert instant("2026-03-01T08:00:00.000Z") == moment
    assert instant("2026-03-01T08:00:00") == moment
    assert [instant(value) for value in ("soon", "", 5, None, "0001-01-01T00:00:00+14:00")] == [
        None
    ] * 5
