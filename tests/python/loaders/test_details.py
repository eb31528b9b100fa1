"""What stands below records: read after the lists, when due, within the cap, and resumed."""

import re
from datetime import datetime, timedelta
from typing import Any

import duckdb

from loaders.maintainx.catalogue import DETAILS
from sandbox.api.faults import Fault, Kind
from tests.python.loaders.conftest import Loaders

BELOW = re.compile(r"/(\w+)/(\d+)(?:/(\w+))?")
COMMENTS = ("work_orders", "work_order_comments")
PARENTS = ("work_orders", "parent_work_orders", "teams", "vendors", "meters", "meter_triggers")


def below(loaders: Loaders, since: int = 0) -> list[tuple[str, int]]:
    """What was asked for of single records, in order: the last word of its address, else the list,
    and the id of the record."""
    paths = [request.path for request in loaders.sandbox.requests[since:]]
    found = [BELOW.fullmatch(path) for path in paths]
    return [(match[3] or match[1], int(match[2])) for match in found if match]


def commented(loaders: Loaders) -> list[int]:
    """Orders with comments, in both organizations, those with the newest first."""
    orders = [
        order
        for organization in loaders.sandbox.organization_ids
        for order in loaders.sandbox.listed("work_orders", organization)
        if order.get("lastMessageSentAt")
    ]
    return [each["id"] for each in sorted(orders, key=lambda each: each["lastMessageSentAt"])][::-1]


def told(loaders: Loaders, name: str, key: str) -> dict[int, Any]:
    """Parent -> the elements that the warehouse has of it."""
    return {
        parent: payload[key]
        for organization in loaders.sandbox.organization_ids
        for parent, payload in loaders.live(name, organization).items()
    }


def test_each_parent_costs_a_request_and_only_what_moved_costs_another(loaders: Loaders) -> None:
    sandbox = loaders.sandbox
    loaders.invoke("extract", "-q", *PARENTS, *DETAILS)
    lists = {
        name: [
            record
            for organization in sandbox.organization_ids
            for record in sandbox.listed(name, organization)
        ]
        for name in PARENTS
    }
    expected = {("comments", order) for order in commented(loaders)} | {
        (word, record["id"])
        for word, name in (
            ("members", "teams"),
            ("teams", "teams"),
            ("contacts", "vendors"),
            ("vendors", "vendors"),
            ("subworkorders", "parent_work_orders"),
            ("meters", "meters"),
            ("metertriggers", "meter_triggers"),
        )
        for record in lists[name]
    }
    for organization in sandbox.organization_ids:
        orders = sandbox.listed("work_orders", organization)
        newest = max(datetime.fromisoformat(order["updatedAt"]) for order in orders)
        expected |= {
            ("workorders", order["id"])
            for order in orders
            if datetime.fromisoformat(order["updatedAt"]) >= newest - timedelta(days=30)
        }
    asked = below(loaders)
    assert set(asked) == expected
    assert len(asked) == len(expected)
    order_of_requests = [bool(BELOW.fullmatch(request.path)) for request in sandbox.requests]
    assert order_of_requests == sorted(order_of_requests), "details come after the last list"
    organization = sandbox.organization_ids[0]
    assert told(loaders, "work_order_comments", "comments") == {
        order["id"]: sandbox.below("work_orders", each, "comments", order["id"])
        for each in sandbox.organization_ids
        for order in sandbox.live("work_orders", each)
        if order.get("lastMessageSentAt")
    }

    so_far = len(sandbox.requests)
    loaders.invoke("extract", "-q", *PARENTS, *DETAILS)
    assert below(loaders, so_far) == []

    # A comment moves no updatedAt: the deletion check finds it. A sub-work-order that moves makes
    # its parent due.
    talked = min(
        order["id"] for order in sandbox.listed("work_orders", organization)
        if order["status"] == "DONE" and not order.get("lastMessageSentAt")
    )  # fmt: skip
    comment = sandbox.comment(talked, "Forgot to say: bearing replaced.")
    parent = sandbox.listed("parent_work_orders", organization)[0]["id"]
    child = sandbox.table("work_orders", organization).children(parent)[0]
    sandbox.update("work_orders", child, title="moved")
    so_far = len(sandbox.requests)
    loaders.invoke("extract", "-q", *PARENTS, *DETAILS, "--sweep")
    assert sorted(below(loaders, so_far)) == [
        ("comments", talked),
        ("subworkorders", parent),
        ("workorders", child),
    ]
    assert told(loaders, "work_order_comments", "comments")[talked][-1]["id"] == comment
    so_far = len(sandbox.requests)
    loaders.invoke("extract", "-q", *PARENTS, *DETAILS, "--sweep")
    assert below(loaders, so_far) == []


def test_a_run_reads_the_newest_up_to_the_cap_and_says_how_far_it_is(loaders: Loaders) -> None:
    sandbox = loaders.sandbox
    newest = commented(loaders)
    of_first = {order["id"] for order in sandbox.listed("work_orders", sandbox.organization_ids[0])}
    for at in (0, 5):
        so_far = len(sandbox.requests)
        said = loaders.invoke("extract", *COMMENTS, "--max-details", "10").output
        in_first = [order for order in newest if order in of_first]
        others = [order for order in newest if order not in of_first]
        expected = {*in_first[at : at + 5], *others[at : at + 5]}
        assert {order for _, order in below(loaders, so_far)} == expected
        count = f"organization {sandbox.organization_ids[0]}: {at + 5} of {len(in_first)} read"
        assert count in said
    assert f"{at + 5} of {len(in_first)} read" in loaders.invoke("status").output
    so_far = len(sandbox.requests)
    loaders.invoke("extract", "-q", *COMMENTS, "--max-details", "0", "--full")
    assert below(loaders, so_far) == []
    loaders.invoke("extract", "-q", *COMMENTS)
    assert sorted(order for _, order in below(loaders)) == sorted(newest)


def test_a_removed_comment_and_a_parent_that_is_gone_or_does_not_answer(loaders: Loaders) -> None:
    sandbox = loaders.sandbox
    loaders.invoke("extract", "-q", *COMMENTS)
    organization = sandbox.organization_ids[0]
    of_first = {order["id"] for order in sandbox.listed("work_orders", organization)}
    emptied, hidden, deleted = [order for order in commented(loaders) if order in of_first][:3]
    sandbox.update("work_orders", emptied, lastMessageSentAt=None, _comments=[])
    sandbox.comment(hidden, "said later")
    sandbox.update("work_orders", hidden)
    sandbox.delete("work_orders", deleted)
    sandbox.faults.append(Fault(Kind.STATUS, rf"/workorders/{hidden}/comments", status=404))
    loaders.invoke("extract", "-q", *COMMENTS, "--sweep")
    found = told(loaders, "work_order_comments", "comments")
    assert found[emptied] == []
    assert deleted not in found
    assert "said later" not in str(found[hidden])
    so_far = len(sandbox.requests)
    loaders.invoke("extract", "-q", *COMMENTS, "--sweep")
    assert below(loaders, so_far) == [("comments", hidden)]
    # One that comes back is read again.
    sandbox.restore("work_orders", deleted)
    loaders.invoke("extract", "-q", *COMMENTS, "--sweep")
    assert told(loaders, "work_order_comments", "comments")[deleted]


def test_what_was_read_before_a_failure_is_kept(loaders: Loaders) -> None:
    newest = commented(loaders)
    first = loaders.sandbox.organization_ids[0]
    of_first = {order["id"] for order in loaders.sandbox.listed("work_orders", first)}
    others = [order for order in newest if order not in of_first]
    kept = len(newest) - len(others)
    loaders.sandbox.faults += [
        Fault(Kind.STATUS, rf"/{newest[-1]}/comments", status=400),
        Fault(Kind.STATUS, r"/comments", after=kept + 2, status=401),
    ]
    said = loaders.invoke("extract", *COMMENTS, expect=1).output
    assert "1 record(s) could not be read" in said
    assert "MaintainX refused the key" in said
    so_far = len(loaders.sandbox.requests)
    loaders.invoke("extract", "-q", *COMMENTS)
    expected = {("comments", order) for order in {*others, newest[-1]}}
    assert set(below(loaders, so_far)) == expected


def test_a_feature_that_is_not_on_the_plan_is_said_and_is_no_error(loaders: Loaders) -> None:
    loaders.sandbox.faults.append(Fault(Kind.STATUS, r"/comments", status=403, times=None))
    said = loaders.invoke("extract", *COMMENTS).output
    assert "not on this account's plan (403)" in said
    assert len(below(loaders)) <= 2 * 6
    assert "forbidden" in loaders.invoke("status").output


def test_addresses_that_are_all_unknown_delete_nothing(loaders: Loaders) -> None:
    loaders.invoke("extract", "-q", *COMMENTS)
    before = told(loaders, "work_order_comments", "comments")
    fault = Fault(Kind.STATUS, r"/comments", status=404, times=None)
    loaders.sandbox.faults.append(fault)
    said = loaders.invoke("extract", *COMMENTS, "--full", expect=1).output
    assert "answers 404 for all of" in said
    assert told(loaders, "work_order_comments", "comments") == before
    loaders.sandbox.faults.remove(fault)
    so_far = len(loaders.sandbox.requests)
    loaders.invoke("extract", "-q", *COMMENTS)
    assert len(below(loaders, so_far)) == len(before)


def test_a_record_that_is_refused_leaves_the_others(loaders: Loaders) -> None:
    refused = commented(loaders)[3]
    loaders.sandbox.faults.append(
        Fault(Kind.STATUS, rf"/{refused}/comments", status=403, times=None)
    )
    said = loaders.invoke("extract", *COMMENTS, expect=1).output
    assert "1 record(s) could not be read" in said
    assert set(commented(loaders)) - told(loaders, "work_order_comments", "comments").keys() == {
        refused
    }


def test_details_that_were_never_read_have_a_row_in_status(loaders: Loaders) -> None:
    loaders.invoke("extract", "-q", "--max-details", "0")
    said = loaders.invoke("status").output
    assert re.search(r"^work_order_comments .* waiting, 0 of \d+ read$", said, re.MULTILINE), said
    assert "0 never read" in said
    assert "waiting for a first read" in said


def test_status_reads_the_file_of_a_release_without_details(loaders: Loaders) -> None:
    loaders.invoke("extract", "-q", "--max-details", "0")
    with duckdb.connect(str(loaders.raw)) as connection:
        connection.execute("drop table _detail_reads; update _schema_version set version = 1")
        for name in DETAILS:
            connection.execute(f"drop table {name}")
    assert "waiting" not in loaders.invoke("status").output


def test_an_answer_of_several_pages_is_one(loaders: Loaders) -> None:
    order = commented(loaders)[0]
    for number in range(230):
        loaders.sandbox.comment(order, f"comment {number}")
    loaders.invoke("extract", "-q", *COMMENTS)
    found = told(loaders, "work_order_comments", "comments")[order]
    assert [each["content"] for each in found][-230:] == [f"comment {each}" for each in range(230)]
    assert below(loaders).count(("comments", order)) == 2
