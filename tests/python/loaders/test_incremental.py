"""After the first run: a sync costs what changed, finds what went, and deletes nothing falsely."""

import math
import random
import re
from datetime import datetime, timedelta

import pytest

from loaders.maintainx.catalogue import CATALOGUE, PAGE_SIZE, Resource, Strategy
from sandbox import Sandbox, build, serve
from sandbox.api.state import Request
from tests.python.loaders.conftest import Loaders, differences, doubled_rows

CHANGED_SINCE = [row for row in CATALOGUE.values() if row.strategy is Strategy.CHANGED_SINCE]


def requests_to(sandbox: Sandbox, path: str, since: int = 0) -> list[Request]:
    return [request for request in sandbox.requests[since:] if request.path == path]


def requests_for(sandbox: Sandbox, row: Resource, since: int) -> list[Request]:
    """Those for pages of one list, of several that share a path."""
    selecting = "parentSubWorkOrderTypes"
    return [
        request
        for request in requests_to(sandbox, row.path, since)
        if (selecting in request.query) == (selecting in row.parameters)
    ]


def test_nothing_changed_costs_a_request_a_list_and_writes_nothing(loaders: Loaders) -> None:
    loaders.extract()
    rows = {name: loaders.rows(name) for name in CATALOGUE}
    so_far = len(loaders.sandbox.requests)
    loaders.extract("--due")
    organizations = len(loaders.sandbox.organization_ids)
    new = loaders.sandbox.requests[so_far:]
    for row in [*CHANGED_SINCE, CATALOGUE["asset_statuses"]]:
        assert len(requests_for(loaders.sandbox, row, so_far)) <= organizations, row.name
    assert len(new) == 1 + organizations * (len(CHANGED_SINCE) + 1)
    assert {name: loaders.rows(name) for name in CATALOGUE} == rows


def test_a_whole_list_is_due_when_its_interval_is_over(loaders: Loaders) -> None:
    loaders.extract("teams", "users")
    so_far = len(loaders.sandbox.requests)
    loaders.extract("teams", "users", "--due", "--interval", "teams=0s", "--interval", "users=9h")
    assert requests_to(loaders.sandbox, "/teams", so_far)
    assert not requests_to(loaders.sandbox, "/users", so_far)


@pytest.mark.slow
def test_one_percent_changed_costs_its_pages(loaders: Loaders) -> None:
    dataset = build(20_000)
    sandbox = Sandbox(dataset)
    with serve(sandbox) as url:
        big = Loaders(sandbox, url, loaders.warehouse)
        big.extract("work_orders")
        organization = sandbox.organization_ids[0]
        numbers = [order["id"] for order in sandbox.listed("work_orders", organization)]
        changed = random.Random(7).sample(numbers, 500)
        for number in changed:
            sandbox.update("work_orders", number, title="changed")
        so_far = len(sandbox.requests)
        big.extract("work_orders")
        asked = [
            request
            for request in requests_to(sandbox, "/workorders", so_far)
            if request.organization_ids == (organization,)
        ]
        assert len(asked) <= math.ceil(len(changed) / PAGE_SIZE) + 2
        assert big.query("select count(*) from raw.work_orders where payload->>'title'='changed'")[
            0
        ] == (500,)


@pytest.mark.sampled
@pytest.mark.parametrize("name", [row.name for row in CHANGED_SINCE])
def test_more_ties_than_a_page_are_survived(loaders: Loaders, name: str) -> None:
    sandbox = loaders.sandbox
    organization = sandbox.organization_ids[0]
    loaders.extract(name)
    moment = (datetime.fromisoformat(sandbox.now) + timedelta(hours=1)).isoformat()[:19] + ".000Z"
    for _ in range(2 * PAGE_SIZE + 30):
        sandbox.insert(name, {"updatedAt": moment, "createdAt": moment}, organization)
    so_far = len(sandbox.requests)
    loaders.extract(name)
    assert differences(loaders, name) == {}
    if name == "work_orders":
        assert len(requests_to(sandbox, "/workorders", so_far)) <= math.ceil(430 / 200) + 2 + 1


def test_a_purchase_orders_lines_are_read_only_when_it_changed(loaders: Loaders) -> None:
    loaders.extract("purchase_orders")
    organization = loaders.sandbox.organization_ids[0]
    number = loaders.sandbox.live("purchase_orders", organization)[0]["id"]
    loaders.sandbox.update("purchase_orders", number, note="call the vendor")
    so_far = len(loaders.sandbox.requests)
    loaders.extract("purchase_orders")
    details = [
        request.path
        for request in loaders.sandbox.requests[so_far:]
        if re.fullmatch(r"/purchaseorders/\d+", request.path)
    ]
    assert details == [f"/purchaseorders/{number}"]
    assert loaders.live("purchase_orders", organization)[number]["note"] == "call the vendor"


def test_labour_without_updated_at_is_found_at_its_interval(loaders: Loaders) -> None:
    sandbox = loaders.sandbox
    organization = sandbox.organization_ids[0]
    loaders.extract("work_orders")
    orders = sandbox.listed("work_orders", organization)
    is_open = next(one["id"] for one in orders if one["status"] == "IN_PROGRESS")
    done = [one for one in orders if one["status"] == "DONE" and one.get("completedAt")]
    lately = max(done, key=lambda one: one["completedAt"])["id"]
    long_ago = min(done, key=lambda one: one["updatedAt"])["id"]
    entry = {"type": "TIME", "quantity": 1, "rowTotal": 5000, "durationTotal": 3600, "userId": 1}
    for number in (is_open, lately, long_ago):
        sandbox.update("work_orders", number, touch=False, timeItems=[entry])
    loaders.extract("work_orders")
    assert differences(loaders, "work_orders") != {}
    so_far = len(sandbox.requests)
    loaders.extract("work_orders", "--labour-interval", "0s")
    live = loaders.live("work_orders", organization)
    assert [live[number]["timeItems"] for number in (is_open, lately)] == [[entry], [entry]]
    assert live[long_ago].get("timeItems") != [entry]
    assert len(requests_to(sandbox, "/workorders", so_far)) <= 2 * (1 + 4 + 1)


def test_labour_logged_late_on_an_old_order_is_found_once_a_week(loaders: Loaders) -> None:
    sandbox = loaders.sandbox
    organization = sandbox.organization_ids[0]
    loaders.extract("work_orders")
    orders = sandbox.listed("work_orders", organization)
    newest = datetime.fromisoformat(max(one["updatedAt"] for one in orders))
    number = next(
        one["id"]
        for one in orders
        if one["status"] == "DONE"
        and one.get("completedAt")
        and timedelta(60) < newest - datetime.fromisoformat(one["completedAt"]) < timedelta(390)
        and newest - datetime.fromisoformat(one["updatedAt"]) > timedelta(30)
    )
    entry = {"type": "TIME", "quantity": 5, "rowTotal": 5000, "durationTotal": 18000, "userId": 1}
    sandbox.update("work_orders", number, touch=False, timeItems=[entry])
    loaders.extract("work_orders", "--labour-interval", "0s", "--sweep")
    assert loaders.live("work_orders", organization)[number].get("timeItems") != [entry]
    loaders.extract("work_orders", "--old-labour-interval", "0s")
    assert loaders.live("work_orders", organization)[number]["timeItems"] == [entry]
    walks = "select walk from raw._run_resources order by ended_at desc, walk desc limit 2"
    assert ("old_labour",) in loaders.query(walks)


def test_deletions_are_found_by_a_sweep_or_a_whole_list_and_come_back(loaders: Loaders) -> None:
    sandbox = loaders.sandbox
    organization = sandbox.organization_ids[0]
    loaders.extract()
    removed = {}
    for name, row in CATALOGUE.items():
        if name not in ("organizations", "parent_work_orders"):
            records = (
                sandbox.live(name, organization)
                if row.detail_is_payload
                else sandbox.listed(name, organization, row.expand)
            )
            removed[name] = records[0]
            sandbox.delete(name, records[0]["id"])
    loaders.extract()
    found = {key[0] for key in differences(loaders)}
    assert found <= {row.name for row in CHANGED_SINCE} | {"asset_statuses"}
    loaders.extract("--sweep")
    assert differences(loaders) == {}
    deleted = {
        name: loaders.query(
            f"select id, payload is null from raw.{name} where _operation = 'delete'"
        )
        for name in removed
    }
    assert deleted == {name: [(record["id"], True)] for name, record in removed.items()}
    for name, record in removed.items():
        sandbox.insert(name, {**record, "updatedAt": sandbox.now}, organization)
    loaders.extract("--sweep")
    assert differences(loaders) == {}
    assert doubled_rows(loaders) == []


def test_a_sweep_reads_what_was_missed(loaders: Loaders) -> None:
    """A change that a lagging list hid until the watermark had passed it."""
    sandbox = loaders.sandbox
    organization = sandbox.organization_ids[0]
    names = [row.name for row in CHANGED_SINCE]
    loaders.extract(*names)
    for row in CHANGED_SINCE:
        sandbox.insert(
            row.name,
            {"createdAt": "2025-01-01T00:00:00.000Z", "updatedAt": "2025-01-01T00:00:00.000Z"},
            organization,
        )
        sandbox.update(
            row.name,
            sandbox.live(row.name, organization)[0]["id"],
            updatedAt="2025-02-01T00:00:00.000Z",
        )
    loaders.extract(*names)
    assert len(differences(loaders)) >= len(CHANGED_SINCE)
    loaders.extract(*names, "--sweep")
    assert differences(loaders, *names) == {}


def test_too_many_deletions_are_refused_until_allowed(loaders: Loaders) -> None:
    sandbox = loaders.sandbox
    organization = sandbox.organization_ids[0]
    loaders.extract("teams")
    teams = [team["id"] for team in sandbox.listed("teams", organization)]
    for number in teams[:2]:
        sandbox.delete("teams", number)
    sandbox.update("teams", teams[2], name="Renamed")
    refused = loaders.extract("teams", expect=1)
    assert "--max-deletions" in refused.stdout
    assert not [row for row in loaders.query("select _operation from raw.teams") if "d" in row[0]]
    assert loaders.live("teams", organization)[teams[2]]["name"] == "Renamed"
    assert set(loaders.live("teams", organization)) == set(teams)
    loaders.extract("teams", "--max-deletions", "100")
    assert set(loaders.live("teams", organization)) == set(teams[2:])


def test_a_record_that_is_only_missing_from_a_listing_is_not_deleted(loaders: Loaders) -> None:
    """Lists lag; the record's own address decides."""
    sandbox = loaders.sandbox
    organization = sandbox.organization_ids[0]
    loaders.extract("users", "work_orders")
    user = sandbox.listed("users", organization)[0]["id"]
    sandbox.update("users", user, touch=False, _lagging=True)
    loaders.extract("users")
    assert user in loaders.live("users", organization)
    asked = [request.path for request in sandbox.requests]
    assert asked.count(f"/users/{user}") == 1


def test_parents_are_those_that_maintainx_calls_so(loaders: Loaders) -> None:
    """An order that no longer has sub-work-orders leaves their list and stays an order."""
    sandbox = loaders.sandbox
    organization = sandbox.organization_ids[0]
    loaders.extract()
    parents = [order["id"] for order in sandbox.listed("parent_work_orders", organization)]
    assert set(loaders.live("parent_work_orders", organization)) == set(parents)
    dissolved = parents[0]
    others = [order["id"] for order in sandbox.listed("work_orders", organization)]
    made, missed, gone = [number for number in others if number not in parents][:3]
    sandbox.update("work_orders", dissolved, isParent=None)
    sandbox.update("work_orders", made, isParent=True)
    sandbox.update("work_orders", missed, touch=False, isParent=True)
    sandbox.update("work_orders", gone, isParent=True)
    loaders.extract()
    live = set(loaders.live("parent_work_orders", organization))
    assert live == {*parents, made, gone}
    sandbox.delete("work_orders", gone)
    loaders.extract("--sweep", "--max-deletions", "100")
    live = set(loaders.live("parent_work_orders", organization))
    assert live == {*parents, made, missed} - {dissolved}
    assert dissolved in loaders.live("work_orders", organization)
    assert doubled_rows(loaders) == []


def test_a_user_who_left_is_deleted_though_the_address_answers(loaders: Loaders) -> None:
    sandbox = loaders.sandbox
    organization = sandbox.organization_ids[0]
    loaders.extract("users")
    user = sandbox.listed("users", organization)[0]["id"]
    sandbox.update("users", user, removedFromOrganization=True)
    loaders.extract("users")
    assert user not in loaders.live("users", organization)


def test_full_and_since_lose_no_history_and_double_no_row(loaders: Loaders) -> None:
    sandbox = loaders.sandbox
    organization = sandbox.organization_ids[0]
    loaders.extract()
    number = sandbox.listed("work_orders", organization)[0]["id"]
    sandbox.update("work_orders", number, title="one")
    loaders.extract("work_orders")
    sandbox.update("work_orders", number, title="two")
    rows = loaders.rows("work_orders")
    loaders.extract("--full")
    loaders.extract("work_orders", "--since", "2020-01-01")
    assert loaders.rows("work_orders") == rows + 1
    assert differences(loaders) == {}
    assert doubled_rows(loaders) == []
    so_far = len(sandbox.requests)
    loaders.extract("work_orders")
    assert len(requests_to(sandbox, "/workorders", so_far)) == 2


def test_a_date_far_in_the_future_does_not_hide_what_comes_after(loaders: Loaders) -> None:
    sandbox = loaders.sandbox
    organization = sandbox.organization_ids[0]
    text = '{"id": 555555, "title": "typing error", "updatedAt": "9999-12-31T00:00:00Z"}'
    sandbox.raw_record("work_orders", organization, text)
    loaders.extract("work_orders")
    number = sandbox.listed("work_orders", organization)[0]["id"]
    sandbox.update("work_orders", number, title="after")
    loaders.extract("work_orders")
    assert loaders.live("work_orders", organization)[number]["title"] == "after"


@pytest.mark.sampled
@pytest.mark.parametrize("seed", range(4))
def test_a_source_that_changes_between_pages_is_caught_up_with(loaders: Loaders, seed: int) -> None:
    sandbox = Sandbox(build(1500))
    draw = random.Random(seed)
    mutations = 0
    names = [name for name in CATALOGUE if name != "organizations"]

    def change(_request: Request) -> None:
        nonlocal mutations
        name = draw.choice(names)
        organization = draw.choice(sandbox.organization_ids)
        mutations += 1
        records = list(sandbox.table(name, organization).records)
        match draw.choice(["update", "insert", "delete"]):
            case "update":
                sandbox.update(name, draw.choice(records))
            case "insert":
                sandbox.insert(name, None, organization)
            case _ if len(records) > 20:
                sandbox.delete(name, draw.choice(records[: len(records) // 2]))

    with serve(sandbox) as url:
        moving = Loaders(sandbox, url, loaders.warehouse)
        sandbox.before_answer = change
        moving.extract()
        moving.extract("--sweep")
        sandbox.before_answer = None
        assert mutations > 50
        alive = {
            (name, organization): {one["id"] for one in sandbox.live(name, organization)}
            for name in names
            for organization in sandbox.organization_ids
        }
        for name in names:
            deleted = moving.query(
                f"select organization_id, id from raw.{name} where _operation = 'delete'"
            )
            assert [row for row in deleted if row[1] in alive[name, row[0]]] == []
        moving.extract("--sweep")
        assert differences(moving) == {}
        assert doubled_rows(moving) == []


def test_purchase_orders_without_updated_at_land_with_the_first_run(loaders: Loaders) -> None:
    sandbox = Sandbox(build(20_000))
    organization = sandbox.organization_ids[0]
    numbers = [order["id"] for order in sandbox.live("purchase_orders", organization)]
    assert len(numbers) > PAGE_SIZE
    for number in numbers[-30:]:
        sandbox.update("purchase_orders", number, touch=False, updatedAt=None)
    with serve(sandbox) as url:
        source = Loaders(sandbox, url, loaders.warehouse)
        source.extract("purchase_orders")
        assert differences(source, "purchase_orders") == {}
        details = [
            one for one in sandbox.requests if re.fullmatch(r"/purchaseorders/\d+", one.path)
        ]
        held = sum(len(sandbox.live("purchase_orders", one)) for one in sandbox.organization_ids)
        assert len(details) <= held + 40
