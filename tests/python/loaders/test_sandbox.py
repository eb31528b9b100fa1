"""The sandbox answers over a real socket as MaintainX's description says it should."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import pytest
from openapi_schema_validator import OAS30Validator

from sandbox import (
    KEY,
    KEY_OF_ONE,
    Dataset,
    Fault,
    Kind,
    Quota,
    Request,
    Sandbox,
    build,
    serve,
    small,
)
from sandbox.api.lists import LISTS, List
from sandbox.plant.clock import BERLIN, CHICAGO, instant, iso
from sandbox.plant.words import CUSTOM_FIELD_ENTITIES

ROOT = Path(__file__).resolve().parents[3]
DESCRIPTION = ROOT.parent / "shared" / "maintainx-api" / "openapi-get.json"
OPEN = ("OPEN", "IN_PROGRESS", "ON_HOLD")
Records = list[dict[str, Any]]
Check = Callable[[dict[str, Any]], bool]


@dataclass
class Api:
    """A client of one organization."""

    sandbox: Sandbox
    client: httpx.Client
    organization: int

    def get(self, path: str, **query: Any) -> httpx.Response:
        return self.client.get(path, params=query)

    def ok(self, path: str, **query: Any) -> Any:
        response = self.get(path, **query)
        assert response.status_code == 200, response.text
        return response.json()

    def refused(self, path: str, **query: Any) -> int:
        response = self.get(path, **query)
        body = response.json()
        assert isinstance(body.get("error") or body["errors"][0]["error"], str)
        return response.status_code

    def walk(self, row: List, **query: Any) -> Records:
        """Every record of a list, page by page."""
        records: Records = []
        cursor: str | None = ""
        while cursor is not None:
            page = self.ok(row.path, **query, **({"cursor": cursor} if cursor else {}))
            assert page.keys() == {row.collection, "nextCursor", "nextPageUrl"}
            assert (page["nextCursor"] is None) == (page["nextPageUrl"] is None)
            records += page[row.collection]
            cursor = page["nextCursor"]
        return records

    def orders(self, **query: Any) -> Records:
        return self.walk(LISTS["work_orders"], limit=200, **query)

    def held(self, name: str, *, gone: bool = False) -> Records:
        """What the sandbox holds of a list, as stored."""
        table = self.sandbox.table(name, self.organization)
        return list((table.gone if gone else table.records).values())


@contextlib.contextmanager
def connected(sandbox: Sandbox, key: str = KEY) -> Iterator[Api]:
    organization = sandbox.organization_ids[0]
    headers = {"authorization": f"Bearer {key}", "x-organization-id": str(organization)}
    with (
        serve(sandbox) as url,
        httpx.Client(base_url=url, headers=headers, timeout=5) as client,
    ):
        yield Api(sandbox, client, organization)


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    return small()


@pytest.fixture
def api(dataset: Dataset) -> Iterator[Api]:
    with connected(Sandbox(dataset)) as api:
        yield api


@cache
def schema(path: str) -> OAS30Validator:
    if not DESCRIPTION.exists():
        pytest.skip(f"the published description is not at {DESCRIPTION}")
    answer = json.loads(DESCRIPTION.read_text())["paths"][path]["get"]["responses"]["200"]
    return OAS30Validator(answer["content"]["application/json"]["schema"])


def mistakes(path: str, body: object) -> list[str]:
    return [f"{error.json_path}: {error.message}" for error in schema(path).iter_errors(body)]


# The data


def test_a_seed_gives_the_same_bytes_in_every_process(dataset: Dataset) -> None:
    assert small().digest() == dataset.digest()
    assert small(seed=7).digest() != dataset.digest()
    command = "from sandbox import small; print(small().digest())"
    for hash_seed, zone in (("1", "Asia/Tokyo"), ("2", "America/Los_Angeles")):
        environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "TZ": zone}
        done = subprocess.run(
            [sys.executable, "-c", command],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout.strip() == dataset.digest()


def test_a_sandbox_leaves_its_dataset_alone(dataset: Dataset) -> None:
    before = dataset.digest()
    sandbox = Sandbox(dataset)
    for name in ("work_orders", "users", "assets"):
        first = sandbox.live(name, sandbox.organization_ids[0])[0]["id"]
        sandbox.update(name, first, description="changed")
        sandbox.insert(name)
        sandbox.delete(name, first)
    assert dataset.digest() == before


@pytest.mark.slow
def test_forty_thousand_orders_look_like_a_plant(capsys: pytest.CaptureFixture[str]) -> None:
    began = time.perf_counter()
    dataset = build()
    with capsys.disabled():
        print(f" 40,000 work orders built in {time.perf_counter() - began:.1f} s ", end="")
    counts = dataset.counts()
    assert counts["work_orders"] == 40_000
    assert (counts["assets"], counts["users"], counts["teams"]) == (800, 120, 8)
    assert all(counts[name] for name in (*LISTS, *CUSTOM_FIELD_ENTITIES.values()))
    assert 5_000 < counts["asset_statuses"] < 15_000
    zones = [organization["timeZone"] for organization in dataset.organizations]
    assert zones == ["America/Chicago", "Europe/Berlin"]
    sites = 0
    for lists in dataset.records.values():
        orders = lists["work_orders"]
        shares = Counter(order.get("type") for order in orders)
        assert shares["PREVENTIVE"] / len(orders) == pytest.approx(0.45, abs=0.02)
        assert set(shares) == {"PREVENTIVE", "REACTIVE", "OTHER", "CYCLE_COUNT", None}
        assert {order["status"] for order in orders} >= {*OPEN, "DONE", "CANCELED", "SKIPPED"}
        assert max(order["updatedAt"] for order in orders) <= iso(instant(dataset.now))
        by_month = Counter(
            order["createdAt"][5:7] for order in orders if order.get("type") == "REACTIVE"
        )
        assert by_month["07"] > 1.5 * by_month["12"]
        upcoming = [order for order in orders if order.get("startDate", "") > dataset.now]
        assert len(upcoming) > 100
        chained = sum("previousId" in order for order in orders)
        assert chained > 0.9 * shares["PREVENTIVE"]
        assert downtime_of_worst_fifth(lists["asset_statuses"], len(lists["assets"])) > 0.7
        assert max(depths(lists["locations"])) >= 5
        assert max(depths(lists["assets"])) >= 4
        sites += sum(
            place["parentId"] is None and place["address"] is not None
            for place in lists["locations"]
        )
    assert sites == 3


def downtime_of_worst_fifth(statuses: Records, assets: int) -> float:
    hours: Counter[int] = Counter()
    for status in statuses:
        if status["status"] == "OFFLINE" and status["endedAt"] and not status["deletedAt"]:
            span = instant(status["endedAt"]) - instant(status["startedAt"])
            assert span > 0
            hours[status["assetId"]] += span
    return sum(span for _, span in hours.most_common(assets // 5)) / sum(hours.values())


def depths(records: Records) -> list[int]:
    parents = {record["id"]: record["parentId"] for record in records}
    found = []
    for each in parents:
        path = [each]
        while parents.get(path[-1]) is not None and len(set(path)) == len(path):
            path.append(parents[path[-1]])
        found.append(len(set(path)))
    return found


def test_leads_are_longer_where_priority_is_lower() -> None:
    medians = {}
    dataset = build(4000)
    for priority in ("HIGH", "MEDIUM", "LOW"):
        spans = sorted(
            instant(order["completedAt"]) - instant(order["createdAt"])
            for lists in dataset.records.values()
            for order in lists["work_orders"]
            if order.get("type") == "REACTIVE"
            and order["priority"] == priority
            and "completedAt" in order
        )
        medians[priority] = spans[len(spans) // 2] / 3_600_000
    assert medians == pytest.approx({"HIGH": 10, "MEDIUM": 60, "LOW": 200}, rel=0.25)


def test_every_kind_of_dirt_is_what_it_says(dataset: Dataset) -> None:
    held: dict[str, dict[int, dict[str, Any]]] = {name: {} for name in LISTS}
    gone: dict[int, dict[str, Any]] = {}
    for organization, lists in dataset.records.items():
        for name in LISTS:
            held[name] |= {record["id"]: record for record in lists[name]}
        for records in dataset.gone[organization].values():
            gone |= {record["id"]: record for record in records}
    orders, locations, assets = held["work_orders"], held["locations"], held["assets"]
    labels = {category["label"] for category in held["categories"].values()}
    named = {"blank_asset_name": "assets", "blank_location_name": "locations"}
    named |= {"blank_vendor_name": "vendors"}

    def climbs_back(tree: dict[int, dict[str, Any]], record_id: int) -> bool:
        at = tree[record_id]["parentId"]
        for _ in tree:
            if at == record_id or at not in tree:
                return bool(at == record_id)
            at = tree[at]["parentId"]
        return False

    checks = {
        "done_without_completed_at": lambda i: (
            orders[i]["status"] == "DONE" and "completedAt" not in orders[i]
        ),
        "completed_before_created": lambda i: orders[i]["completedAt"] < orders[i]["createdAt"],
        "reopened": lambda i: orders[i]["status"] in OPEN and "completedAt" in orders[i],
        "unknown_asset": lambda i: orders[i]["assetId"] not in assets,
        "unknown_location": lambda i: orders[i]["locationId"] not in locations,
        "unknown_category": lambda i: not labels & set(orders[i]["categories"]),
        "email_assignee": lambda i: "@" in str(orders[i]["assignees"][0]["id"]),
        "bulk_edited": lambda i: orders[i]["updatedAt"] == "2026-05-16T06:00:00.000Z",
        "deleted_work_orders": lambda i: i in gone and i not in orders,
        "orphan_location": lambda i: locations[i]["parentId"] not in {None, *locations},
        "location_cycle": lambda i: climbs_back(locations, i),
        "asset_cycle": lambda i: climbs_back(assets, i),
        "users_who_left": lambda i: held["users"][i]["removedFromOrganization"],
        "blank_user_name": lambda i: held["users"][i]["firstName"] == "",
        "open_downtime": lambda i: held["asset_statuses"][i]["endedAt"] is None,
        "overlapping_downtime": lambda i: held["asset_statuses"][i]["status"] == "OFFLINE",
        "deleted_asset_status": lambda i: held["asset_statuses"][i]["deletedAt"] is not None,
        "ignored_time": lambda i: held["asset_statuses"][i]["status"] == "IGNORE",
    } | {kind: lambda i, name=name: held[name][i]["name"] == "" for kind, name in named.items()}
    assert checks.keys() == dataset.dirt.keys()
    for kind, check in checks.items():
        assert dataset.dirt[kind], kind
        assert all(check(each) for each in dataset.dirt[kind]), kind
    # And nothing else carries what a build must warn of.
    for kind in ("done_without_completed_at", "unknown_category", "email_assignee"):
        others = orders.keys() - dataset.dirt[kind]
        assert not any(
            checks[kind](each)
            for each in others
            if orders[each]["categories"] and orders[each]["assignees"]
        )
    for kind, tree in (("location_cycle", locations), ("asset_cycle", assets)):
        assert [each for each in tree if climbs_back(tree, each)] == dataset.dirt[kind]


def test_people_who_left_stand_on_orders_and_on_no_list() -> None:
    dataset = build(2000)
    left = set(dataset.dirt["users_who_left"])
    orders = [order for lists in dataset.records.values() for order in lists["work_orders"]]
    assert left & {order.get("completerId") for order in orders}
    sandbox = Sandbox(dataset)
    with connected(sandbox) as api:
        listed = {user["id"] for user in api.walk(LISTS["users"])}
        assert not left & listed
        one = next(user["id"] for user in api.held("users") if user["id"] in left)
        assert api.ok(f"users/{one}")["user"]["removedFromOrganization"] is True


def test_local_time_follows_daylight_saving() -> None:
    for zone, winter, summer in ((CHICAGO, -6, -5), (BERLIN, 1, 2)):
        assert zone.offset(instant("2026-01-15T00:00:00Z")) == winter * 3_600_000
        assert zone.offset(instant("2026-07-15T00:00:00Z")) == summer * 3_600_000
    changes = {
        "2026-03-08T08:00:00Z": CHICAGO,
        "2025-11-02T07:00:00Z": CHICAGO,
        "2026-03-29T01:00:00Z": BERLIN,
        "2025-10-26T01:00:00Z": BERLIN,
    }
    for text, zone in changes.items():
        assert zone.offset(instant(text) - 1) != zone.offset(instant(text)), text
    assert iso(CHICAGO.midnight(instant("2026-07-01T03:00:00Z"))) == "2026-06-30T05:00:00.000Z"


# Lists and records


@pytest.mark.parametrize("name", LISTS)
def test_answers_validate_against_the_description(dataset: Dataset, name: str) -> None:
    row = LISTS[name]
    sandbox = Sandbox(dataset)
    with connected(sandbox) as api:
        for organization in sandbox.organization_ids:
            api.client.headers["x-organization-id"] = str(organization)
            upcoming = {"show_upcoming": "true"} if name == "work_orders" else {}
            for expand in ([], list(row.listed.expands)):
                page = api.ok(row.path, limit=200, expand=expand, **upcoming)
                assert page[row.collection]
                assert mistakes(f"/{row.path}", page) == []
            if row.detail is None:
                continue
            # The oldest and the newest, so that sub-work-orders and upcoming ones are among them.
            ids = [record["id"] for record in page[row.collection]]
            for each in ids[:8] + ids[-4:]:
                for expand in ([], list(row.detail.expands)):
                    body = api.ok(f"{row.path}/{each}", expand=expand)
                    assert body[row.record]["id"] == each
                    assert mistakes(f"/{row.path}/{{id}}", body) == []


def test_answers_below_a_record_validate(api: Api) -> None:
    parent = next(order for order in api.held("work_orders") if order.get("isParent"))
    children = [o for o in api.held("work_orders") if o.get("parentId") == parent["id"]]
    talked = next(order for order in api.held("work_orders") if order.get("lastMessageSentAt"))
    paid = next(order for order in api.held("work_orders") if order["timeItems"])
    vendor = next(vendor for vendor in api.held("vendors") if vendor["_contacts"])
    team = api.held("teams")[0]
    contact = vendor["contactIds"][0]
    found = {}
    for path, record_id in (
        ("workorders/{id}/subworkorders", parent["id"]),
        ("workorders/{id}/comments", talked["id"]),
        ("workorders/{id}/costs", paid["id"]),
        ("teams/{id}/members", team["id"]),
        ("vendors/{id}/contacts", vendor["id"]),
        (f"vendors/{{id}}/contacts/{contact}", vendor["id"]),
    ):
        found[path] = api.ok(path.format(id=record_id))
        described = path.replace(str(contact), "{contactId}")
        assert mistakes(f"/{described}", found[path]) == []
    subs = found["workorders/{id}/subworkorders"]["subworkorders"]
    assert [each["id"] for each in subs] == sorted(child["id"] for child in children)
    comments = found["workorders/{id}/comments"]["comments"]
    assert max(each["createdAt"] for each in comments) == talked["lastMessageSentAt"]
    entries = [*paid["timeItems"], *paid["expenditures"]]
    total = found["workorders/{id}/costs"]["costs"]["total"]
    assert total == sum(entry["rowTotal"] for entry in entries)
    assert len(found["teams/{id}/members"]["members"]) == team["membersCount"]
    for entity, name in CUSTOM_FIELD_ENTITIES.items():
        body = api.ok(f"customfields/{entity}")
        assert body == api.sandbox.listed(name, api.organization)
        assert mistakes("/customfields/{entity}", body) == []


def test_every_list_is_walked_whole_and_once(dataset: Dataset) -> None:
    sandbox = Sandbox(dataset)
    with connected(sandbox) as api:
        for organization in sandbox.organization_ids:
            api.client.headers["x-organization-id"] = str(organization)
            for name, row in LISTS.items():
                upcoming = {"show_upcoming": "true"} if name == "work_orders" else {}
                expand = list(row.listed.expands)
                for limit in (7, 200):
                    records = api.walk(row, limit=limit, expand=expand, **upcoming)
                    if name == "organizations":
                        assert [each["id"] for each in records] == sandbox.organization_ids
                        continue
                    expected = sandbox.listed(name, organization, expand)
                    assert without_links(records) == without_links(expected)
                    assert len(records) == len(sandbox.live(name, organization)) > 0


def without_links(records: Records) -> Records:
    def strip(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: strip(each) for key, each in value.items() if key != "url"}
        return [strip(each) for each in value] if isinstance(value, list) else value

    stripped: Records = strip(records)
    return stripped


def test_pages_hold_a_hundred_unless_asked_and_two_hundred_at_most(api: Api) -> None:
    assert len(api.ok("workorders")["workOrders"]) == 100
    assert len(api.ok("workorders", limit=3)["workOrders"]) == 3
    for limit in ("0", "201", "-1", "ten", ""):
        assert api.refused("workorders", limit=limit) == 400
    page = api.ok("assets", limit=5, sort="-id", expand=["barcode", "status"])
    following = api.client.get(page["nextPageUrl"]).json()["assets"]
    assert page["nextPageUrl"].startswith("/assets?")
    ids = sorted((asset["id"] for asset in api.held("assets")), reverse=True)
    assert [asset["id"] for asset in page["assets"] + following] == ids[:10]
    assert any("status" in asset for asset in following)


def test_malformed_cursors_are_refused(api: Api) -> None:
    for path in ("workorders", "assets", "teams"):
        for cursor in ("", "x", "ew", "MQ", "bnVsbA", "WzEsMl0", "e30", "🤷"):
            assert api.refused(path, cursor=cursor) == 400, (path, cursor)
    assert api.refused("workorders", cursor=api.ok("assets", limit=1)["nextCursor"]) == 400
    by_id = api.ok("workorders", limit=1)["nextCursor"]
    assert api.refused("workorders", cursor=by_id, sort="updatedAt") == 400


def test_what_is_not_expanded_or_null_is_absent(api: Api) -> None:
    plain = api.orders()
    assert not any(
        {"asset", "assignees", "parts", "extraFields", "estimatedTime", "timeItems"} & order.keys()
        for order in plain
    )
    full = api.orders(expand=list(LISTS["work_orders"].listed.expands))
    assert not any({"assetId", "parentId", "isParent"} & order.keys() for order in full)
    assert all(order["times"] == order["timeItems"] for order in full)
    assert all(None not in order.values() for order in full)
    assert {"type" in order for order in full} == {True, False}
    assert any(part["partExtraFields"] for order in full for part in order["parts"])
    assert all("assetExtraFields" in order["asset"] for order in full if "asset" in order)
    # A field that the description requires is sent as null.
    assert None in [asset["parentId"] for asset in api.walk(LISTS["assets"])]
    assert api.refused("workorders", expand="assignees,asset") == 400
    assert api.refused("workorders", expand=["assignees", "asset_id"]) == 400
    assert api.refused("teams", expand="members") == 400


def test_only_other_records_still_know_a_deleted_asset(api: Api) -> None:
    dirty = api.sandbox.dataset.dirt["unknown_asset"]
    order = next(each for each in api.orders(expand="asset") if each["id"] in dirty)
    assert api.refused(f"assets/{order['asset']['id']}") == 404


def test_unknown_parameters_are_refused(api: Api) -> None:
    for path, query in (
        ("workorders", {"status": "OPEN"}),
        ("workorders", {"statuses": "OPENED"}),
        ("workorders", {"updatedAfter": "2026-01-01T00:00:00Z"}),
        ("workorders", {"updatedAt[gte]": "yesterday"}),
        ("workorders", {"sort": "id"}),
        ("workorders", {"show_upcoming": "yes"}),
        ("workorders", {"assets": "one"}),
        ("locations", {"updatedAt[gte]": "2026-01-01T00:00:00Z"}),
        ("users", {"sort": "id"}),
        ("teams", {"name": "x"}),
        ("assetstatuses", {"sort": "id"}),
        ("assetstatuses", {"createdAt[gte]": "2026-01-01T00:00:00Z"}),
        ("customfields/assets", {"limit": "5"}),
    ):
        assert api.refused(path, **query) == 400, (path, query)
    assert api.client.get("workorders?limit=5&limit=6").status_code == 400
    order = api.held("work_orders")[0]["id"]
    assert api.refused(f"workorders/{order}", limit=5) == 400
    assert api.refused(f"workorders/{order}", expand="categories") == 400


def test_times_are_filtered_inclusively(api: Api) -> None:
    for name in ("work_orders", "assets", "parts", "purchase_orders"):
        row = LISTS[name]
        everything = {"show_upcoming": "true"} if name == "work_orders" else {}
        for field in ("updatedAt", "createdAt"):
            times = sorted(record[field] for record in api.held(name))
            middle = times[len(times) // 2]
            for key, expected in (
                (f"{field}[gte]", [each for each in times if each >= middle]),
                (f"{field}[lte]", [each for each in times if each <= middle]),
            ):
                for sort in (None, "updatedAt", "-createdAt"):
                    query = everything | ({"sort": sort} if sort else {}) | {key: middle}
                    found = api.walk(row, **query)
                    assert sorted(each[field] for each in found) == expected
    local = "2026-06-01T02:00:00+02:00"
    utc = {each["id"] for each in api.orders(**{"updatedAt[gte]": "2026-06-01T00:00:00Z"})}
    assert utc == {each["id"] for each in api.orders(**{"updatedAt[gte]": local})}
    newest = max(order["updatedAt"] for order in api.held("work_orders"))
    later = newest[:-1] + "001Z"
    assert api.orders(**{"updatedAt[gte]": later}, show_upcoming="true") == []
    assert api.orders(**{"updatedAt[gte]": newest}, show_upcoming="true") != []


def test_sorting_puts_nulls_last_and_first_when_descending(api: Api) -> None:
    for sort in LISTS["work_orders"].sorts:
        ascending = api.orders(sort=sort, show_upcoming="true")
        values = [order.get(sort) for order in ascending]
        dated = [value for value in values if value is not None]
        assert values == sorted(dated) + [None] * (len(values) - len(dated))
        descending = api.orders(sort=f"-{sort}", show_upcoming="true")
        assert descending == ascending[::-1]
    assert any(order.get("completedAt") is None for order in ascending)
    statuses = LISTS["asset_statuses"]
    newest_first = [each["createdAt"] for each in api.walk(statuses, limit=9)]
    assert newest_first == sorted(newest_first, reverse=True)
    assert api.walk(statuses, sort="endedAt")[-1].get("endedAt") is None


def test_an_offset_skips_where_a_position_does_not(api: Api) -> None:
    """Why a client must not follow the cursor along updatedAt: see the description's own words."""
    for name, skips in (("assets", True), ("work_orders", False)):
        row = LISTS[name]
        everything = {"show_upcoming": "true"} if name == "work_orders" else {}
        ids = {record["id"] for record in api.held(name)}
        first = api.ok(row.path, sort="updatedAt", limit=10, **everything)
        api.sandbox.update(name, first[row.collection][0]["id"])
        rest: Records = []
        cursor = first["nextCursor"]
        while cursor:
            page = api.ok(row.path, sort="updatedAt", limit=10, cursor=cursor, **everything)
            rest += page[row.collection]
            cursor = page["nextCursor"]
        seen = {record["id"] for record in first[row.collection] + rest}
        assert len(ids - seen) == (1 if skips else 0)


def test_filters_of_work_orders(api: Api) -> None:
    held = {order["id"]: order for order in api.held("work_orders")}
    asset = Counter(o["assetId"] for o in held.values() if "assetId" in o).most_common(1)[0][0]
    used = next(order["_parts"][0][0] for order in held.values() if "_parts" in order)
    team = api.held("teams")[0]["id"]
    category = api.held("categories")[0]
    title = held[min(held)]["title"]
    family: dict[str, Check] = {
        "PARENT": lambda o: o.get("isParent", False),
        "SUB_WORK_ORDER": lambda o: "parentId" in o,
        "STANDALONE": lambda o: not o.get("isParent") and "parentId" not in o,
    }
    cases: list[tuple[dict[str, Any], Check]] = [
        ({"statuses": ["OPEN", "DONE"]}, lambda o: o["status"] in ("OPEN", "DONE")),
        ({"statuses": "CANCELED"}, lambda o: o["status"] == "CANCELED"),
        ({"statuses": ["CANCELED", "SKIPPED"]}, lambda _: False),
        ({"priorities": "HIGH"}, lambda o: o["priority"] == "HIGH"),
        ({"assets": asset}, lambda o: o.get("assetId") == asset),
        ({"notAssets": asset}, lambda o: o.get("assetId") != asset),
        ({"parts": used}, lambda o: used in [part for part, _ in o.get("_parts", ())]),
        ({"teams": team}, lambda o: {"type": "TEAM", "id": team} in o["assignees"]),
        ({"categories": category["id"]}, lambda o: category["label"] in o["categories"]),
        ({"categories": category["label"]}, lambda o: category["label"] in o["categories"]),
        ({"notCategories": category["id"]}, lambda o: category["label"] not in o["categories"]),
        (
            {"title": title.upper()},
            lambda o: o["title"] == title,
        ),
        *(({"parentSubWorkOrderTypes": kind}, check) for kind, check in family.items()),
    ]
    for query, expected in cases:
        found = {order["id"] for order in api.orders(show_upcoming="true", **query)}
        assert found == {each for each, order in held.items() if expected(order)}, query
        assert found or query["statuses"] == ["CANCELED", "SKIPPED"]


def test_filters_of_other_lists(api: Api) -> None:
    asset = api.held("asset_statuses")[0]["assetId"]
    found = api.walk(LISTS["asset_statuses"], assetId=asset)
    assert {status["assetId"] for status in found} == {asset}
    pending = api.walk(LISTS["work_requests"], statuses="PENDING")
    assert {request["requestStatus"] for request in pending} == {"PENDING"}
    reports = LISTS["root_cause_analysis_reports"]
    created = sorted(report["createdAt"] for report in api.held(reports.name))
    assert len(api.walk(reports, createdAfter=created[-1])) == 1
    assert len(api.walk(reports, createdBefore=created[-1])) == len(created)
    archived = [report["id"] for report in api.held(reports.name) if report["archivedAt"]]
    assert archived
    assert [report["id"] for report in api.walk(reports, archived="true")] == archived
    for label in ("Cost center", "limit"):
        wanted = next(
            a["extraFields"][label] for a in api.held("assets") if label in a["extraFields"]
        )
        key = "limit__c" if label == "limit" else label
        found = api.walk(LISTS["assets"], expand="extra_fields", **{key: wanted})
        assert {asset["extraFields"][label] for asset in found} == {wanted}
    assert api.refused("assets", Nonsense="1") == 400


def test_upcoming_orders_are_left_out_unless_asked_for(api: Api) -> None:
    shown = {order["id"] for order in api.orders()}
    everything = {order["id"] for order in api.orders(show_upcoming="true")}
    now = iso(instant(api.sandbox.dataset.now))
    upcoming = {o["id"] for o in api.held("work_orders") if o.get("startDate", "") > now}
    assert upcoming
    assert everything - shown == upcoming
    assert shown == {order["id"] for order in api.orders(show_upcoming="false")}


def test_records_have_addresses(api: Api) -> None:
    order = api.held("work_orders")[-1]
    assert order["sequentialId"] != order["id"]
    by_number = api.ok(f"workorders/{order['sequentialId']}", useSequentialId="true")
    assert by_number["workOrder"]["id"] == order["id"]
    detail = api.ok(f"workorders/{order['id']}")["workOrder"]
    assert not {"assignees", "asset", "parts", "timeItems", "extraFields"} & detail.keys()
    users = [a["id"] for a in order["assignees"] if a["type"] == "USER"]
    assert detail["assigneeIds"] == users
    for path in ("workorders/1", "workorders/1/costs", "nothing", "assetstatuses/1", "teams/1"):
        assert api.refused(path) == 404, path
    assert api.refused(f"workorders/{order['id']}/nothing") == 404
    assert api.refused("customfields/nothing") == 404
    assert api.refused("workorders/x") == 400
    for each in api.sandbox.dataset.dirt["deleted_work_orders"]:
        assert api.refused(f"workorders/{each}") == 404


# Who asks


def test_keys_and_organizations(api: Api) -> None:
    client, (first, second) = api.client, api.sandbox.organization_ids
    for header in ("", "Bearer nonsense", KEY, f"Basic {KEY}"):
        assert client.get("teams", headers={"authorization": header}).status_code == 401
    assert client.get("teams", headers={"authorization": f"bearer {KEY}"}).status_code == 200
    own = {each["id"] for each in api.walk(LISTS["teams"])}
    client.headers["x-organization-id"] = str(second)
    assert not own & {each["id"] for each in api.walk(LISTS["teams"])}
    client.headers["x-organization-ids"] = f"{first},{second}"
    assert api.refused("assets") == 400
    del client.headers["x-organization-id"]
    assert api.refused("teams") == 400
    both = api.walk(LISTS["assets"], limit=13, sort="updatedAt", expand="status")
    assert {asset["organizationId"] for asset in both} == {first, second}
    assert [each["updatedAt"] for each in both] == sorted(each["updatedAt"] for each in both)
    assert len(both) == api.sandbox.dataset.counts()["assets"]
    del client.headers["x-organization-ids"]
    missing = client.get("teams")
    assert missing.status_code == 400
    assert missing.json() == {"errors": [{"error": "Missing x-organization-id header."}]}
    client.headers["authorization"] = f"Bearer {KEY_OF_ONE}"
    assert {each["id"] for each in api.walk(LISTS["teams"])} == own
    assert [each["id"] for each in api.walk(LISTS["organizations"])] == [first]
    client.headers["x-organization-id"] = str(second)
    assert api.refused("teams") == 403
    client.headers["x-organization-id"] = "first"
    assert api.refused("teams") == 400


def test_an_organization_cannot_reach_into_another(api: Api) -> None:
    order = api.held("work_orders")[0]["id"]
    api.client.headers["x-organization-id"] = str(api.sandbox.organization_ids[1])
    assert api.refused(f"workorders/{order}") == 404


def test_lists_that_the_plan_is_without(api: Api) -> None:
    api.sandbox.forbidden |= {"parts", "models", "custom_fields_parts"}
    assert api.get("models").json()["errors"][0]["error"].endswith("currently disabled.")
    for path in ("parts", "parts/1", "models", "models/1", "customfields/parts"):
        assert api.refused(path) == 403
    assert api.get("assets").status_code == 200


def test_the_quota_and_its_headers(dataset: Dataset) -> None:
    sandbox = Sandbox(dataset, quota=Quota(3, 0.4, retry_after=True))
    with connected(sandbox) as api:
        remaining = [api.get("teams").headers["x-rate-limit-remaining"] for _ in range(3)]
        assert remaining == ["2", "1", "0"]
        late = api.get("teams")
        assert late.status_code == 429
        assert late.json() == {"error": "Too many requests. Please retry in 1 seconds"}
        assert late.headers["retry-after"] == "1"
        headers = {name: late.headers[f"x-rate-limit-{name}"] for name in ("limit", "reset")}
        assert headers == {"limit": "3", "reset": "1"}
        other = {"authorization": f"Bearer {KEY_OF_ONE}"}
        assert api.client.get("teams", headers=other).status_code == 200
        time.sleep(0.4)
        assert api.get("nothing").headers["x-rate-limit-remaining"] == "2"
        sandbox.quota = Quota(1, headers=False)
        assert not [name for name in api.get("teams").headers if name.startswith("x-rate")]
        silent = api.get("teams")
        assert (silent.status_code, "retry-after" in silent.headers) == (429, False)
        assert [request.status for request in sandbox.requests][:4] == [200, 200, 200, 429]


# What changes


def test_changes_show_and_the_clock_moves(api: Api) -> None:
    sandbox, row = api.sandbox, LISTS["work_orders"]
    began = sandbox.now
    assert began == iso(instant(sandbox.dataset.now))
    first, second = (order["id"] for order in api.held("work_orders")[:2])
    api.orders(sort="updatedAt")
    sandbox.update("work_orders", first, title="Changed")
    sandbox.update("work_orders", second, touch=False, timeItems=[])
    added = sandbox.insert("work_orders", {"title": "New"})
    changed = api.orders(
        sort="updatedAt", show_upcoming="true", **{"updatedAt[gte]": began}, expand="time_items"
    )
    assert [(each["id"], each["title"]) for each in changed][-2:] == [
        (first, "Changed"),
        (added, "New"),
    ]
    assert second not in [each["id"] for each in changed]
    assert began < changed[-2]["updatedAt"] < changed[-1]["updatedAt"] == sandbox.now
    numbers = [each["sequentialId"] for each in sandbox.listed("work_orders", api.organization)]
    assert len(set(numbers)) == len(numbers)
    sandbox.delete("work_orders", added)
    assert api.refused(f"workorders/{added}") == 404
    assert added not in [each["id"] for each in api.orders(show_upcoming="true")]
    sandbox.restore("work_orders", added)
    assert api.ok(f"workorders/{added}")["workOrder"]["updatedAt"] == sandbox.now
    assert mistakes(f"/{row.path}", api.ok(row.path, limit=200)) == []
    with pytest.raises(KeyError):
        sandbox.delete("work_orders", 1)
    dated = api.get("teams").headers["date"]
    assert dated == "Tue, 30 Jun 2026 06:00:05 GMT"


def test_children_follow_their_parents(api: Api) -> None:
    parent = next(each["parentId"] for each in api.held("assets") if each["parentId"])
    before = api.ok(f"assets/{parent}")["asset"]["childrenIds"]
    added = api.sandbox.insert("assets", {"parentId": parent})
    api.sandbox.delete("assets", before[0])
    assert api.ok(f"assets/{parent}")["asset"]["childrenIds"] == [*before[1:], added]


@pytest.mark.parametrize("name", [name for name in LISTS if name != "organizations"])
def test_every_list_takes_changes_between_two_pages(api: Api, name: str) -> None:
    sandbox, row = api.sandbox, LISTS[name]
    path, pages, made = f"/{row.path}", [], []

    def change(request: Request) -> None:
        pages.append(request)
        if len(pages) == 2:
            made.append(sandbox.insert(name))
            sandbox.delete(name, victim)

    query = {"show_upcoming": "true"} if name == "work_orders" else {}
    before = api.walk(row, **query)
    victim = before[-1]["id"]
    sandbox.before_answer = change
    api.walk(row, limit=-(-len(before) // 2), **query)
    assert [request.path for request in pages] == [path] * 2
    sandbox.before_answer = None
    after = [each["id"] for each in api.walk(row, **query)]
    assert set(after) == {each["id"] for each in before} - {victim} | set(made)
    page = api.ok(row.path, limit=200, expand=list(row.listed.expands), **query)
    assert mistakes(path, page) == []


def test_planted_records_stand_in_the_pages_verbatim(api: Api) -> None:
    texts = [
        '{"id": "7",  "title":"an id that is text"}',
        '{"title": "no id"}',
        '{"id": 8, "updatedAt": 5}',
        '"not an object"',
        "17",
        '{"id":9,"title":"\\u0000 \\ud83d\\ude00","cost":1.10}',
    ]
    for text in texts:
        api.sandbox.raw_record("work_orders", api.organization, text)
    api.sandbox.raw_record("custom_fields_assets", api.organization, '{"label": 5}')
    for query in ({}, {"sort": "updatedAt", "updatedAt[gte]": "2026-06-01T00:00:00Z"}):
        text = api.get("workorders", limit=200, **query).text
        for planted in texts:
            assert planted in text
    assert '{"label": 5}' in api.get("customfields/assets").text
    assert len(api.orders(statuses="OPEN")) >= len(texts)
    assert api.refused("workorders/8") == 404
    assert api.sandbox.live("work_orders", api.organization)[-1]["id"] > 1000


def test_links_are_signed_anew_at_every_call(api: Api) -> None:
    vendor = next(each["id"] for each in api.held("vendors") if each["thumbnail"])
    one, two = (api.ok(f"vendors/{vendor}")["vendor"] for _ in range(2))
    assert one != two
    assert without_links([one]) == without_links([two])


def test_cost_entries_can_change_their_order(api: Api) -> None:
    order = api.held("work_orders")[0]["id"]
    entries = [{"type": "TIME", "rowTotal": number} for number in range(20)]
    api.sandbox.update("work_orders", order, timeItems=entries)
    path = f"workorders/{order}"
    steady = api.ok(path, expand="time_items")["workOrder"]["timeItems"]
    assert steady == entries
    api.sandbox.shuffle_costs = True
    one, two = (api.ok(path, expand="time_items")["workOrder"]["timeItems"] for _ in range(2))
    assert one != two
    assert sorted(one, key=lambda entry: int(entry["rowTotal"])) == entries


def test_requests_are_logged(api: Api) -> None:
    api.get("workorders", expand=["asset", "parts"], limit=1)
    api.refused("workorders/1")
    first, second = api.sandbox.requests
    assert first.target == "/workorders?expand=asset&expand=parts&limit=1"
    assert (first.method, first.organization_ids, first.status) == ("GET", (api.organization,), 200)
    assert (second.path, second.query, second.status) == ("/workorders/1", {}, 404)
    assert first.time <= second.time <= time.time()


# What fails


def test_faults_are_real_on_the_wire(api: Api) -> None:
    faults = api.sandbox.faults
    for fault, error in (
        (Fault(Kind.RESET), httpx.ReadError),
        (Fault(Kind.TRUNCATE), httpx.RemoteProtocolError),
        (Fault(Kind.HANG, seconds=0.05), httpx.RemoteProtocolError),
        (Fault(Kind.HANG, seconds=60), httpx.ReadTimeout),
    ):
        faults[:] = [fault]
        with pytest.raises(error):
            api.client.get("teams", timeout=0.5)
        assert api.get("teams").status_code == 200
    for fault, status, start in (
        (Fault(status=502), 502, "<html>"),
        (Fault(status=500), 500, "{"),
        (Fault(status=401), 401, "{"),
        (Fault(status=429, headers={"Retry-After": "7"}), 429, '{"error":"Too many'),
        (Fault(status=503, body="later"), 503, "later"),
        (Fault(Kind.HTML), 200, "<!DOCTYPE html>"),
        (Fault(Kind.EMPTY), 200, ""),
    ):
        faults[:] = [fault]
        answer = api.get("teams")
        assert (answer.status_code, answer.text[: len(start)]) == (status, start)
        assert fault.headers.items() <= {k.title(): v for k, v in answer.headers.items()}.items()
        assert (answer.text == "") == (fault.kind is Kind.EMPTY)
        assert api.ok("teams")["teams"]
    faults[:] = [Fault(Kind.SLOW, seconds=0.2)]
    began = time.monotonic()
    assert api.ok("teams")["teams"]
    assert time.monotonic() - began >= 0.2


def test_faults_strike_what_they_are_aimed_at(api: Api) -> None:
    api.sandbox.faults = [
        Fault(where=r"^/workorders\?.*cursor=", status=400, times=None),
        Fault(where="^/teams", status=500, after=1, times=2),
        Fault(where="^/users", status=503, times=None, probability=0.5, seed=3),
    ]
    cursor = api.ok("workorders", limit=1)["nextCursor"]
    assert [api.get("workorders", cursor=cursor).status_code for _ in range(3)] == [400] * 3
    assert [api.get("teams").status_code for _ in range(5)] == [200, 500, 500, 200, 200]
    drawn = [api.get("users").status_code for _ in range(40)]
    assert 5 < drawn.count(503) < 35
    assert api.sandbox.faults[2].struck == drawn.count(503)
    with pytest.raises(ValueError, match="sulk"):
        Fault("sulk")


def test_stopping_lets_no_client_hang(dataset: Dataset) -> None:
    sandbox = Sandbox(dataset)
    sandbox.faults = [Fault(Kind.HANG, seconds=60)]
    threads = set(threading.enumerate())
    with serve(sandbox) as url:
        process = subprocess.Popen(
            [sys.executable, "-c", f"import urllib.request as u; u.urlopen('{url}/teams')"],
            stderr=subprocess.DEVNULL,
        )
        while not sandbox.requests:
            time.sleep(0.01)
    assert process.wait(5) == 1
    for thread in set(threading.enumerate()) - threads:
        thread.join(5)
        assert not thread.is_alive()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_runs_until_it_is_told_to_stop(number: signal.Signals) -> None:
    command = "from sandbox import *; run(Sandbox(small()))"
    with subprocess.Popen(
        [sys.executable, "-c", command], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        words = line.split()
        url = words[words.index("at") + 1]
        key = words[words.index("key") + 1]
        answer = httpx.get(f"{url}/organizations", headers={"authorization": f"Bearer {key}"})
        ids = [str(each["id"]) for each in answer.json()["organizations"]]
        assert words[words.index("organizations") + 1] == ",".join(ids)
        process.send_signal(number)
        assert process.wait(5) == 0
        assert process.stdout.read() == ""
