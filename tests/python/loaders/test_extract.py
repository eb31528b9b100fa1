"""The first extract: everything loads as it was sent, nothing twice, the key nowhere."""

import json
from pathlib import Path

import pytest

from loaders.maintainx.catalogue import CATALOGUE, TABLES
from sandbox import Fault
from tests.python.loaders.conftest import KEY, Loaders, differences, doubled_rows


def test_everything_lands_and_a_second_extract_writes_no_row(loaders: Loaders) -> None:
    loaders.sandbox.shuffle_costs = True
    summary = loaders.extract().stdout
    assert differences(loaders) == {}
    assert "work_orders" in summary
    before = {name: loaders.rows(name) for name in CATALOGUE}
    assert min(before.values()) > 0, "the sandbox leaves a list empty"
    loaders.extract()
    assert {name: loaders.rows(name) for name in CATALOGUE} == before


def test_payloads_are_verbatim(loaders: Loaders) -> None:
    organization = loaders.sandbox.organization_ids[0]
    text = (
        '{"id": 77, "title": "1.10 \\u0000 \\ud83d\\ude00 \\"q\\"", "n": 1.10, "updatedAt": null}'
    )
    loaders.sandbox.raw_record("work_orders", organization, text)
    loaders.extract("work_orders", "--full")
    assert loaders.query("select payload::varchar from raw.work_orders where id = 77") == [(text,)]


def test_every_table_exists_even_when_only_one_list_is_read(loaders: Loaders) -> None:
    loaders.extract("teams")
    tables = {row[0] for row in loaders.query("select table_name from information_schema.tables")}
    assert tables == {
        *TABLES,
        "_detail_reads",
        "_runs",
        "_run_resources",
        "_rejects",
        "_source_manifest",
        "_source_pages",
        "_reconciliations",
        "_schema_version",
    }
    assert loaders.rows("work_orders") == 0


def test_the_run_log_says_what_was_done(loaders: Loaders) -> None:
    loaders.extract("work_orders", "teams")
    ((run_id, state, requests, in_order),) = loaders.query(
        "select run_id, state, requests, started_at <= ended_at from raw._runs"
    )
    assert (state, in_order) == ("done", True)
    logged = loaders.query(
        "select resource, walk, state, sum(records_read), sum(inserted), sum(requests)"
        f" from raw._run_resources where run_id = '{run_id}' group by all order by 1"
    )
    assert [row[:3] for row in logged] == [
        ("teams", "whole", "done"),
        ("work_orders", "whole", "done"),
    ]
    assert [row[4] for row in logged] == [loaders.rows("teams"), loaders.rows("work_orders")]
    assert requests == len(loaders.sandbox.requests) == 1 + sum(row[5] for row in logged)


def test_records_of_the_wrong_shape_land_or_are_rejected(loaders: Loaders) -> None:
    organization = loaders.sandbox.organization_ids[0]
    long_title = json.dumps({"id": 900001, "title": "x" * 1_000_000})
    landed = {
        900001: long_title,
        900002: '{"id": 900002, "title": 5, "assignees": 7, "updatedAt": "yesterday"}',
        900003: '{"id": 900003, "extraFields": [], "asset": "none", "updatedAt": 12}',
    }
    rejected = {
        '{"id": "900004", "title": "a text for an id"}': "the record's id is not a whole number",
        '{"title": "no id"}': "the record has no id",
        '"a text"': "the record is not an object",
    }
    for text in [*landed.values(), *rejected]:
        loaders.sandbox.raw_record("work_orders", organization, text)
    expected = len(loaders.sandbox.listed("work_orders", organization))
    for code in (1, 0):
        loaders.extract("work_orders", "--full", expect=code)
        rows = loaders.query(
            f"select count(*) from raw.work_orders where organization_id = {organization}"
        )
        assert rows == [(expected + len(landed),)]
        found = dict(loaders.query("select record, reason from raw._rejects"))
        assert set(found) == set(rejected)
        for text, reason in rejected.items():
            assert reason in found[text]
        assert len(loaders.query("select 1 from raw._rejects")) == len(rejected)
    for number, text in landed.items():
        kept = f"select payload::varchar, source_updated_at from raw.work_orders where id={number}"
        assert loaders.query(kept) == [(text, None)]


def test_a_list_that_is_not_on_the_plan_is_a_note(loaders: Loaders) -> None:
    loaders.sandbox.forbidden = {"parts", "purchase_orders"}
    summary = loaders.extract().stdout
    assert summary.count("not on this account's plan (403)") == 2
    assert loaders.rows("parts") == 0
    assert loaders.rows("work_orders") > 0


def test_organizations_that_cannot_be_listed_are_told_by_their_records(loaders: Loaders) -> None:
    loaders.sandbox.forbidden = {"organizations"}
    loaders.env["MAINTAINX_API_KEY"] = "sandbox-key-1"
    loaders.extract()
    assert loaders.rows("organizations") == 0
    assert loaders.query("select distinct organization_id from raw.work_orders") == [
        (loaders.sandbox.organization_ids[0],)
    ]


def test_organizations_can_be_chosen(loaders: Loaders) -> None:
    chosen = loaders.sandbox.organization_ids[1]
    loaders.env["MAINTAINX_ORGANIZATION_IDS"] = f" {chosen},"
    loaders.extract()
    for name in CATALOGUE:
        others = f"select count(*) from raw.{name} where organization_id != {chosen}"
        assert loaders.query(others) == [(0,)]
    assert loaders.rows("work_orders") > 0


@pytest.mark.parametrize(
    ("env", "arguments", "says"),
    [
        ({"MAINTAINX_API_KEY": None}, [], "MAINTAINX_API_KEY is not set"),
        ({"MAINTAINX_API_KEY": " "}, [], "MAINTAINX_API_KEY is not set"),
        ({"MAINTAINX_API_KEY": "wrong"}, [], "refused the key"),
        ({"MAINTAINX_API_KEY": "two\nlines"}, [], "characters that no key has"),
        ({"MAINTAINX_ORGANIZATION_IDS": "9"}, [], "does not see organization 9"),
        ({"MAINTAINX_ORGANIZATION_IDS": "all"}, [], "must be numbers"),
        ({"MAINTAINX_BASE_URL": "api.example.com"}, [], "must be an address such as"),
        ({}, ["wrok_orders"], "no list is named wrok_orders (did you mean work_orders?);"),
        ({}, ["--since", "soon"], "is not a date"),
        ({}, ["--overlap", "long"], "is not a length of time"),
        ({"MAINTAINX_WAREHOUSE": "raw.duckdb"}, [], "choose another name"),
        ({"MAINTAINX_WAREHOUSE": "/proc/w.duckdb"}, [], "check MAINTAINX_WAREHOUSE"),
    ],
)
def test_wrong_settings_end_with_2_and_one_line(
    loaders: Loaders, env: dict[str, str | None], arguments: list[str], says: str
) -> None:
    loaders.env |= env
    process = loaders.extract(*arguments, expect=2)
    assert says in process.stderr
    assert "Traceback" not in process.stderr
    assert process.stderr.strip().splitlines()[-1].lower().startswith("error: ")


def test_no_network_is_one_line(loaders: Loaders) -> None:
    loaders.env["MAINTAINX_BASE_URL"] = "http://127.0.0.1:9"
    process = loaders.extract("--timeout", "1s", expect=1)
    assert "could not be read from http://127.0.0.1:9" in process.stderr
    assert "Traceback" not in process.stderr


def test_a_file_that_is_no_database_is_one_line(loaders: Loaders) -> None:
    loaders.warehouse.write_text("not a database, " * 1000)
    process = loaders.extract(expect=1)
    assert "set MAINTAINX_WAREHOUSE" in process.stderr or "check" in process.stderr
    assert "Traceback" not in process.stderr


def test_the_key_is_in_no_output_and_no_file(loaders: Loaders, tmp_path: Path) -> None:
    secret = "secret.of-this_test"
    loaders.sandbox.keys[secret] = None
    loaders.env["MAINTAINX_API_KEY"] = secret
    process = loaders.extract("-v")
    loaders.sandbox.keys.pop(secret)
    refused = loaders.extract("-v", expect=2)
    for text in (process.stdout, process.stderr, refused.stdout, refused.stderr):
        assert secret not in text
    assert "GET /workorders" in process.stderr
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert loaders.raw in files
    assert [path for path in files if secret.encode() in path.read_bytes()] == []


def test_an_expand_that_the_account_does_not_know_is_left_out(loaders: Loaders) -> None:
    loaders.sandbox.faults.append(
        Fault(where=r"/workorders\?.*expand=estimated_time", status=400, times=None)
    )
    process = loaders.extract("work_orders")
    assert "does not know expand=estimated_time" in process.stderr
    organization = loaders.sandbox.organization_ids[0]
    assert len(loaders.live("work_orders", organization)) == len(
        loaders.sandbox.listed("work_orders", organization)
    )


def test_check_says_what_can_be_read(loaders: Loaders) -> None:
    loaders.sandbox.forbidden = {"parts"}
    out = loaders.run("check").stdout
    lines = {line.split()[0]: line for line in out.splitlines()}
    assert lines["teams"].endswith("yes")
    assert lines["parts"].endswith("(403)")
    assert len(loaders.sandbox.requests) == 1 + 2 * (len(CATALOGUE) - 1)
    assert not loaders.warehouse.exists()
    assert KEY not in out


def test_no_row_says_what_the_row_before_said(loaders: Loaders) -> None:
    loaders.extract()
    number = loaders.sandbox.listed("work_orders", loaders.sandbox.organization_ids[0])[0]["id"]
    for title in ("a", "b", "a"):
        loaders.sandbox.update("work_orders", number, title=title)
        loaders.extract("work_orders")
    titles = loaders.query(
        "select payload->>'title' from raw.work_orders"
        f" where id = {number} order by _extracted_at desc limit 3"
    )
    assert titles == [("a",), ("b",), ("a",)]
    assert doubled_rows(loaders) == []
