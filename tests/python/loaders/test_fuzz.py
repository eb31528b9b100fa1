"""Thousands of damaged answers: no valid record is lost or deleted, and no run hangs.

An answer is drawn from the seed, the request and how often it was sent. The loaders can see each
damage, or the list lacks records that their own addresses still give. Not drawn, because nobody
could see them: a 404 for a record that exists, other values in a valid record, and missing records
in a list whose records have no address.
"""

import faulthandler
import gzip
import json
import os
import random
import re
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from loaders.maintainx import client, quota
from loaders.maintainx.catalogue import CATALOGUE, Strategy
from loaders.maintainx.records import answer_text, read_page
from sandbox import Sandbox
from tests.python.loaders.conftest import Loaders, doubled_rows
from tests.python.loaders.hostile import BY_PATH, Answer, Hostile, Request, page, serving
from tests.python.loaders.test_hostile import Plant
from tests.python.loaders.test_wild_records import build
from tests.python.loaders.wild import DESCRIPTION, wild_records

# `MAINTAINX_FUZZED_ANSWERS=10000 pytest tests/python/loaders/test_fuzz.py` takes minutes.
ANSWERS = int(os.environ.get("MAINTAINX_FUZZED_ANSWERS", "300"))
SEED = int(os.environ.get("MAINTAINX_FUZZ_SEED", "13"))
DAMAGED = 0.4
PAGE = 7
# Seconds of one extract, at most; one that hangs ends the process with the stack of each thread.
LONGEST_RUN = 300.0
NO_RECORDS = (
    *("null", "7", "true", '"text"', "[1]", "{}", '{"id": null}', '{"id": "12"}', '{"id": true}'),
    *('{"id": 1e400}', '{"id": 1.5}', '{"id": []}', '{"id": 9223372036854775808}', '{"name": "x"}'),
    f'{{"id": 99, "deep": {"[" * 600}{"]" * 600}}}',
)
ADDRESSED = [name for name, row in CATALOGUE.items() if row.record and name != "parent_work_orders"]

NUMBERS = ("0", "1", "-5", "nan", "inf", "1e300", "9" * 400, "soon", "", "0x5", "1.5", "\xa0")
DATES = ("Fri, 31 Dec 9999 23:59:59 GMT", "Mon, 01 Jan 0001 00:00:00 GMT", "yesterday")
TYPES = ("text/html", "application/json; charset=utf-16", "image/png", "", "\xff", "x" * 4000)
WILD_HEADERS = {
    **dict.fromkeys(("X-Rate-Limit-Limit", "X-Rate-Limit-Remaining"), NUMBERS),
    **dict.fromkeys(("X-Rate-Limit-Reset", "Retry-After"), (*NUMBERS, *DATES)),
    "Date": DATES,
    "Content-Type": TYPES,
    "Location": ("", "/v1/teams", "http://[", "ftp://x", "\xff", "x" * 4000),
    "Set-Cookie": ("a=b", "=", "x" * 4000),
    "Link": ("<", "x" * 4000),
}
BODIES = (
    *("", " ", "null", "[]", "7", '"', "{", "[", "{}", "<html>Sign in</html>", "NaN", "\x00"),
    *('{"error": "no"}', '{"errors": [7, null, {"error": {}}]}', '{"errors": {"a": []}}'),
    *("[" * 100_000, '{"a":' * 50_000, "9" * 5000, '"\\ud800"', "{'a': 1}", "Try again later."),
)
CURSORS: tuple[Any, ...] = (
    *(0, 7, -1, 1e300, True, [], [1], {}, {"a": 1}, "", " ", "x", "after-x", "x" * 3000),
    *("x" * 100_000, "\x00", "\udc00", "\u202e", "&limit=0", "#", "%00", "../..", "after-7"),
)


@dataclass
class Fuzzing(Hostile):
    """Answers in pages of a few records, some of them damaged unless it `is_calm`.

    rows: by path, valid records and their texts. damaged: number of damaged answers so far, also by
    kind in `kinds`.
    """

    seed: int = SEED
    is_calm: bool = False
    rows: dict[str, list[tuple[dict[str, Any], str]]] = field(default_factory=dict)
    damaged: int = 0
    kinds: dict[str, int] = field(default_factory=dict)
    _counts: dict[str, int] = field(default_factory=dict)
    _counting: threading.Lock = field(default_factory=threading.Lock)

    def put(self, records: dict[str, list[Any]]) -> None:
        """What the lists hold from now on; each also lists NO_RECORDS, at its end."""
        self.rows = {
            path: [(row, json.dumps(row)) for row in held] for path, held in records.items()
        }

    def answer(self, path: str, query: list[tuple[str, str]]) -> Answer:
        asked = f"{path} {query}"
        with self._counting:
            number = self._counts[asked] = self._counts.get(asked, 0) + 1
        request = Request(path, query, number)
        true = self._behaved(request)
        draw = random.Random(f"{self.seed} {asked} {number}")
        if self.is_calm or draw.random() > DAMAGED:
            return true
        kind = draw.choice(KINDS)
        with self._counting:
            self.damaged += 1
            self.kinds[kind.__name__] = self.kinds.get(kind.__name__, 0) + 1
        return kind(draw, request, true)

    def _behaved(self, request: Request) -> Answer:
        resource = BY_PATH.get(request.path)
        if resource is None:
            listed, _, number = request.path.rpartition("/")
            for row, text in self.rows.get(listed, ()):
                if str(row["id"]) == number and BY_PATH[listed].record:
                    return Answer(f'{{"{BY_PATH[listed].record}": {text}}}')
            return Answer({"error": "Not Found."}, 404)
        texts = self._selected(request)
        if resource.collection is None:
            return Answer(page(resource, texts))
        cursor = request.get("cursor") or "after-0"
        if not re.fullmatch(r"after-\d{1,6}", cursor):
            return Answer({"error": "cursor is not valid"}, 400)
        ends = int(cursor.removeprefix("after-")) + PAGE
        following = f"after-{ends}" if ends < len(texts) else None
        return Answer(page(resource, texts[ends - PAGE : ends], following))

    def _selected(self, request: Request) -> list[str]:
        if request.get("parentSubWorkOrderTypes"):
            return []
        rows = self.rows[request.path]
        for key, value in request.query:
            if bound := re.fullmatch(r"(\w+)\[(gte|lte)\]", key):
                name, is_floor = bound[1], bound[2] == "gte"
                rows = [
                    row
                    for row in rows
                    if (row[0][name] >= value if is_floor else row[0][name] <= value)
                ]
            if key == "statuses":
                rows = [row for row in rows if row[0].get("status") == value]
        if sort := request.get("sort"):
            name = sort.lstrip("-")
            rows = sorted(rows, key=lambda row: str(row[0].get(name)), reverse=sort[0] == "-")
        return [*(text for _, text in rows), *NO_RECORDS]


def wild_headers(draw: random.Random) -> dict[str, str]:
    names = draw.sample(sorted(WILD_HEADERS), draw.randrange(1, 4))
    return {name: draw.choice(WILD_HEADERS[name]) for name in names}


def is_short_unnoticed(request: Request) -> bool:
    """Whether nobody could tell that a listing lacks records: they have no address to ask."""
    resource = BY_PATH.get(request.path)
    return resource is not None and resource.record is None


# Kinds of damage


def other_status(draw: random.Random, request: Request, true: Answer) -> Answer:
    status = draw.choice([*range(100, 600), *(429, 500, 503) * 20])
    if status in (200, 404) and request.path not in BY_PATH:
        status = 410
    body = draw.choice([true.body, *BODIES])
    return Answer(body, status if status != 200 else 500, wild_headers(draw))


def other_headers(draw: random.Random, _request: Request, true: Answer) -> Answer:
    return replace(true, headers=wild_headers(draw))


def other_body(draw: random.Random, request: Request, true: Answer) -> Answer:
    content, resource = true.content, BY_PATH.get(request.path)
    bodies: list[str | bytes] = [
        *BODIES,
        content[: draw.randrange(len(content))],
        content * 2,
        content + b"\x00",
        b"\xff\xfe" + content,
        content.decode().encode("utf-16"),
        b"[" + content + b"]",
        b'{"data": ' + content + b"}",
    ]
    if resource and resource.collection:
        values = ("null", "7", '"text"', "{}", '{"a": 1}', "[null, 1, [], {}]", "[[]]")
        bodies += [f'{{"{resource.collection}": {value}}}' for value in values]
    body = draw.choice(bodies)
    is_empty = body in ("{}", "[]") or (isinstance(body, str) and body.endswith(("{}}", "]}")))
    return Answer("{" if is_empty and is_short_unnoticed(request) else body)


def same_body_otherwise(draw: random.Random, request: Request, true: Answer) -> Answer:
    """What a reader of JSON takes for the same."""
    content = true.content
    resource = BY_PATH.get(request.path)
    if resource and not resource.collection:
        return Answer(draw.choice([b"\xef\xbb\xbf" + content, b" \r\n\t" + content + b"\n"]))
    extra = draw.choice([b'"a": 1, "a": 2,', b'"\\ud800": "\\udc00",', b'"x": {"id": NaN},'])
    return Answer(b"\xef\xbb\xbf{" + extra + content.lstrip()[1:])


def other_cursor(draw: random.Random, request: Request, true: Answer) -> Answer:
    resource = BY_PATH.get(request.path)
    if true.status != 200 or resource is None or resource.collection is None:
        return other_status(draw, request, true)
    answer = json.loads(true.content)
    cursor = draw.choice([*CURSORS, request.get("cursor"), "after-14", None])
    if is_short_unnoticed(request) and not (isinstance(cursor, str) and cursor.strip("x")):
        cursor = "lost"
    return Answer({**answer, "nextCursor": cursor})


def short_listing(draw: random.Random, request: Request, true: Answer) -> Answer:
    """A page, or a whole list, that lacks records whose own addresses still give them."""
    resource = BY_PATH.get(request.path)
    if true.status != 200 or resource is None or is_short_unnoticed(request):
        return other_status(draw, request, true)
    answer = json.loads(true.content)
    records = answer[resource.collection]
    kept = [record for record in records if draw.random() < 1 / 2]
    return Answer({**answer, resource.collection: kept, **draw.choice([{}, {"nextCursor": None}])})


def other_records(draw: random.Random, request: Request, true: Answer) -> Answer:
    """Doubles, what is no record, and records that lack their id, among the true ones."""
    resource = BY_PATH.get(request.path)
    if true.status != 200 or resource is None:
        return other_status(draw, request, true)
    answer = json.loads(true.content)
    records = answer if resource.collection is None else answer[resource.collection]
    records += draw.sample(records, min(2, len(records)))
    records += [json.loads(text) for text in draw.sample(NO_RECORDS, 3)]
    if not is_short_unnoticed(request):
        at = draw.randrange(len(records))
        if isinstance(records[at], dict) and draw.random() < 1 / 2:
            records[at] = {**records[at], "id": draw.choice([None, "7", [], 10**30, True])}
    draw.shuffle(records)
    return Answer(answer)


def broken_wire(draw: random.Random, _request: Request, true: Answer) -> Answer:
    content = true.content
    part = content[: draw.randrange(len(content))]
    packed = gzip.compress(content)
    length = b"content-length: %d\r\n"
    chunks = b"transfer-encoding: chunked\r\n"
    head = b"HTTP/1.1 200 OK\r\n"
    whole = head + length % len(content) + b"\r\n" + content
    packed_head = head + b"content-encoding: gzip\r\n"
    return Answer(
        wire=draw.choice(
            [
                b"",
                b"\x00" * 100,
                b"HTTP/1.1",
                b"HTTP/9.9 200 OK\r\n\r\n",
                b"HTTP/1.1 abc OK\r\n\r\n",
                part,
                head,
                head + b"x" * 200_000,
                head + b"no colon\r\n\r\n" + content,
                head + length % (len(content) + 9) + b"\r\n" + content,
                head + length % len(part) + b"\r\n" + content,
                head + b"content-length: -1\r\n\r\n" + content,
                head + b"content-length: x\r\n\r\n" + content,
                head + length % 1 + length % 2 + b"\r\n" + content,
                head + length % 10**18 + b"\r\n" + content,
                head + chunks + b"\r\n%x\r\n" % len(content) + part,
                head + chunks + b"\r\n%x\r\n" % len(content) + content,
                head + chunks + b"\r\nzz\r\n" + content,
                packed_head + length % len(content) + b"\r\n" + content,
                packed_head + length % 20 + b"\r\n" + packed[:20],
                packed_head + length % len(packed) + b"\r\n" + packed[::-1],
                packed_head.replace(b"gzip", b"br, deflate, x") + b"\r\n" + content,
                whole + whole,
                whole + b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}",
                whole,
            ]
        )
    )


def drips(draw: random.Random, _request: Request, true: Answer) -> Answer:
    return replace(true, **{draw.choice(["pause", "pause_headers"]): 0.05})  # type: ignore[arg-type]


Kind = Callable[[random.Random, Request, Answer], Answer]
KINDS: list[Kind] = [
    *[other_status, other_headers, other_body, other_cursor, other_records, broken_wire] * 3,
    *[short_listing, same_body_otherwise] * 2,
    drips,
]


@pytest.fixture
def plant(sandbox: Sandbox, tmp_path: Path) -> Iterator[Plant]:
    fuzzing = Fuzzing()
    with serving(fuzzing) as url:
        yield Plant(fuzzing, Loaders(sandbox, url, tmp_path / "warehouse.duckdb"))


@pytest.fixture
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waits that a header or a full quota asks for end after moments."""
    for name, seconds in (("WINDOW", 0.2), ("LONGEST_WAIT", 0.2), ("EARLY", 0.0), ("LATE", 0.0)):
        monkeypatch.setattr(quota, name, seconds)
    monkeypatch.setattr(client, "DEFAULT_WAIT", 0.2)


def drawn(round_: int, sandbox: Sandbox, gone: dict[str, set[int]]) -> dict[str, list[Any]]:
    """Wild records; those of the next round are newer. Times by which lists are paged are true."""
    records = wild_records(SEED + round_, None if DESCRIPTION.exists() else sandbox)
    for path, held in records.items():
        held[:] = [one for one in held if one["id"] not in {2**63, *gone.get(path, ())}]
        for record in held:
            record.pop("deletedAt", None)
            record.pop("removedFromOrganization", None)
            if BY_PATH[path].strategy is not Strategy.WHOLE_LIST:
                day = 1 + record["id"] % 9
                record["createdAt"] = f"2026-01-0{day}T00:00:00.000Z"
                record["updatedAt"] = f"2026-0{2 + round_}-0{day}T00:00:00.000Z"
    return records


def expected(fuzzing: Fuzzing, name: str) -> dict[int, Any]:
    """What the source holds of a list, as it loads."""
    texts = [text for _, text in fuzzing.rows[CATALOGUE[name].path]]
    found = [json.loads(answer_text(text.encode())) for text in texts]
    return {record["id"]: record for record in found}


def contents(records: dict[int, Any]) -> dict[int, str]:
    """Content hashes by id: a null and an absent key are the same, so no new version is loaded."""
    page_of_all = read_page(json.dumps({"records": [*records.values()]}).encode(), "records")
    return {record.id: record.content_hash for record in page_of_all.records}


def loaded(loaders: Loaders, names: list[str]) -> dict[str, set[int]]:
    """Ids of each list that are not deleted in raw."""
    with loaders.reading() as connection:
        return {
            name: {
                number
                for (number,) in connection.execute(
                    f"select id from raw.{name} group by id"
                    " having max_by(_operation, _extracted_at) = 'upsert'"
                ).fetchall()
            }
            for name in names
        }


@pytest.mark.slow
@pytest.mark.xdist_group("runs_dbt")
@pytest.mark.usefixtures("short_waits")
def test_fuzzed_answers_lose_nothing_delete_nothing_and_end(plant: Plant, sandbox: Sandbox) -> None:
    fuzzing = plant.hostile
    assert isinstance(fuzzing, Fuzzing)
    lists = [name for name in CATALOGUE if name != "parent_work_orders"]
    deletions = {path: {3, 5} for path in BY_PATH if path != "/organizations"}
    turns = (
        (),
        ("--sweep", "--labour-interval", "0s", "--max-deletions", "100", *ADDRESSED),
        ("--full",),
    )
    runs, longest, codes = 0, 0.0, {0: 0, 1: 0, 2: 0}
    for round_, gone in enumerate(({}, deletions)):
        fuzzing.put(drawn(round_, sandbox, gone))
        fuzzing.is_calm = False
        exist = {name: set(expected(fuzzing, name)) for name in lists}
        kept: dict[str, set[int]] = {name: set() for name in lists}
        while fuzzing.damaged < ANSWERS * (round_ + 1) / 2:
            faulthandler.dump_traceback_later(LONGEST_RUN, exit=True)
            started = time.monotonic()
            said = plant.run(
                *("extract", "--quiet", "--workers", "16", "--timeout", "0.2s"),
                *turns[runs % len(turns)],
                expect=None,
            )
            longest = max(longest, time.monotonic() - started)
            faulthandler.cancel_dump_traceback_later()
            runs += 1
            codes[said.exit_code] += 1
            for name, ids in loaded(plant.loaders, lists).items():
                assert kept[name] <= ids, (name, kept[name] - ids, said.output)
                kept[name] = ids & exist[name]
        fuzzing.is_calm = True
        arguments = ("extract", "--sweep", "--labour-interval", "0s", "--max-deletions", "90")
        # The first ends what a run before began, with pages that lack records not known yet.
        plant.run(*arguments, expect=None)
        said = plant.run(*arguments, expect=None)
        for name in lists:
            held = contents(plant.loaders.live(name, 7))
            assert held == contents(expected(fuzzing, name)), (name, said.output)
        rejected = plant.loaders.query("select count(*) from raw._rejects where resource = 'teams'")
        assert rejected[0][0] >= len(NO_RECORDS)
    plant.run(*arguments)
    states = plant.loaders.query(
        "select state, sum(inserted + updated + deleted)::int from raw._run_resources"
        " where run_id = (select max_by(run_id, started_at) from raw._runs) group by state"
    )
    assert states == [("done", 0)]
    assert doubled_rows(plant.loaders) == []
    print(
        f"{fuzzing.damaged} damaged answers in {runs} runs, exit codes {codes},"
        f" the longest run {longest:.1f} s, kinds {fuzzing.kinds}"
    )
    build(plant)
