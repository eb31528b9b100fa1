"""The whole way, on a small and a large plant: sandbox, extract, build, and what the marts say."""

import json
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from loaders.maintainx.catalogue import CATALOGUE
from sandbox import Sandbox, serve
from tests.python.conftest import SMALL, Plant, make_plant
from tests.python.loaders.conftest import Loaders
from tests.support.contents import contents, unlike
from tests.support.dbt_in_process import invoke, parsed

MARTS = {
    "organizations": "dim_organizations",
    "locations": "dim_locations",
    "assets": "dim_assets",
    "users": "dim_users",
    "teams": "dim_teams",
    "vendors": "dim_vendors",
    "parts": "dim_parts",
    "categories": "dim_categories",
    "work_requests": "fct_work_requests",
}


@pytest.fixture(scope="module")
def held(plant: Plant) -> dict[str, list[dict[str, Any]]]:
    """What the sandbox holds: list -> records of all organizations."""
    sandbox = plant.loaders.sandbox
    return {
        name: [
            record
            for organization in sandbox.organization_ids
            for record in sandbox.live(name, organization)
        ]
        for name in CATALOGUE
    }


def test_the_marts_hold_what_the_source_holds(
    plant: Plant,
    results: dict[str, dict[str, Any]],
    held: dict[str, list[dict[str, Any]]],
) -> None:
    assert results
    for name, mart in MARTS.items():
        count = f"select count(*) from marts.{mart}"
        if mart.startswith("dim"):
            count += " where not is_deleted"
        assert plant.loaders.query(count) == [(len(held[name]),)], name
    live = [order for order in held["work_orders"] if not order.get("deletedAt")]
    assert len(live) in (200, 40_000)
    assert plant.loaders.query("select count(*) from marts.fct_work_orders") == [(len(live),)]
    assigned = sum(len(order.get("assignees", [])) for order in live)
    bridged = "select count(*) from marts.bridge_work_order_assignees"
    assert plant.loaders.query(bridged) == [(assigned,)]


def test_staging_holds_every_list(
    plant: Plant,
    results: dict[str, dict[str, Any]],
    held: dict[str, list[dict[str, Any]]],
) -> None:
    assert results
    for name in CATALOGUE:
        if name.startswith("custom_fields_"):
            continue
        live = [record for record in held[name] if not record.get("deletedAt")]
        staged = f"select count(*) from staging.stg_maintainx__{name} where not is_deleted"
        assert plant.loaders.query(staged) == [(len(live),)], name
    fields = sum(len(held[name]) for name in CATALOGUE if name.startswith("custom_fields_"))
    staged = "select count(*) from staging.stg_maintainx__custom_fields where not is_deleted"
    assert plant.loaders.query(staged) == [(fields,)]


def test_dbt_warns_of_the_planted_dirt_and_of_nothing_else(
    plant: Plant, results: dict[str, dict[str, Any]], held: dict[str, list[dict[str, Any]]]
) -> None:
    dirt = plant.loaders.sandbox.dataset.dirt
    users = {user["id"] for user in held["users"]}
    teams = {team["id"] for team in held["teams"]}
    orders = held["work_orders"]
    ids = {order["id"] for order in orders}

    def references(key: str, known: set[int], among: list[dict[str, Any]] = orders) -> int:
        return sum(one.get(key) is not None and one[key] not in known for one in among)

    left_or_unknown = sum(
        assignee["id"] not in (users if assignee["type"] == "USER" else teams)
        for order in orders
        for assignee in order.get("assignees", [])
    )
    addresses = {user.get("email") for user in held["users"]}
    known_by_address = sum(
        assignee["id"] in addresses
        for order in orders
        for assignee in order.get("assignees", [])
        if isinstance(assignee["id"], str)
    )
    assets = {asset["id"] for asset in held["assets"]}
    expected = {
        "users_without_a_name": len(dirt["blank_user_name"]),
        "vendors_without_a_name": len(dirt["blank_vendor_name"]),
        "locations_without_a_name": len(dirt["blank_location_name"]),
        "assets_without_a_name": len(dirt["blank_asset_name"]),
        "locations_in_a_cycle": len(dirt["location_cycle"]),
        "assets_in_a_cycle": len(dirt["asset_cycle"]),
        "locations_with_unknown_parent": len(dirt["orphan_location"]),
        "work_orders_of_unknown_asset": len(dirt["unknown_asset"]),
        "work_orders_at_unknown_location": len(dirt["unknown_location"]),
        "work_orders_of_unknown_category": len(dirt["unknown_category"]),
        "work_orders_completed_before_creation": len(dirt["completed_before_created"]),
        "work_orders_done_without_completion": len(dirt["done_without_completed_at"]),
        "work_orders_not_done_with_completion": len(dirt["reopened"]),
        "work_orders_assigned_to_unknown": left_or_unknown - known_by_address,
        "work_orders_completed_by_unknown_user": references("completerId", users),
        "work_orders_created_by_unknown_user": references("creatorId", users),
        "work_orders_requested_by_unknown_user": references("requesterId", users),
        "work_orders_with_unknown_previous": references("previousId", ids),
        "work_orders_with_unknown_next": references("nextId", ids),
        "work_requests_of_unknown_asset": references("assetId", assets, held["work_requests"]),
    }
    blank = [number for test, number in expected.items() if test.endswith("_without_a_name")]
    unknown = ("_of_unknown_asset", "_unknown_location", "_unknown_user", "_unknown_parent")
    strangers = (*unknown, "_unknown_previous", "_unknown_next")
    left = set(dirt["users_who_left"])
    expected |= {
        "blank_names": sum(blank),
        "hierarchy_cycles": expected["locations_in_a_cycle"] + expected["assets_in_a_cycle"],
        "negative_durations": expected["work_orders_completed_before_creation"],
        "open_orders_of_removed_users": sum(
            order["status"] in ("OPEN", "IN_PROGRESS", "ON_HOLD")
            and any(assignee["id"] in left for assignee in order.get("assignees", []))
            for order in orders
        ),
        "orphans": sum(number for test, number in expected.items() if test.endswith(strangers)),
        "answers_of_unlisted_asset": sum(
            len(order["procedure"]["fields"])
            for order in orders
            if not order.get("deletedAt")
            and order.get("assetId") is not None
            and order["assetId"] not in assets
            and order.get("procedure")
        ),
        "cost_months_of_unlisted_asset": plant.loaders.query(
            "select count(distinct (orders.organization_id, orders.asset_id, site_location_id,"
            " date_trunc('month', if(is_done, coalesce(completed_on, created_on), created_on))))"
            " from marts.fct_work_orders as orders anti join marts.dim_assets"
            " using (organization_id, asset_id)"
            " where orders.asset_id is not null and not orders.is_parent"
        )[0][0],
        "comments_of_unknown_author": sum(
            comment["authorId"] not in users
            for order in orders
            for comment in plant.loaders.sandbox.below(
                "work_orders", order["organizationId"], "comments", order["id"]
            )
        ),
        "workload_of_unknown_user": plant.loaders.query(
            "select count(*) from marts.mart_workload_of_people_weekly"
            " anti join marts.dim_users using (organization_id, user_id)"
        )[0][0],
        "completion_notes_by_unknown_user": sum(
            order["workOrderSummary"]["authorId"] not in (users | {None})
            for order in orders
            if not order.get("deletedAt") and order.get("workOrderSummary")
        ),
        "costs_by_unknown_user": sum(
            entry["userId"] not in users
            for order in orders
            if not order.get("deletedAt")
            for entry in order["timeItems"]
        ),
    }
    warned = {
        name: result["failures"] for name, result in results.items() if result["status"] == "warn"
    }
    assert warned == {name: number for name, number in expected.items() if number}
    if len(orders) >= 40_000:
        assert all(expected.values()), "a kind of deliberate error is not in the data"


def test_two_builds_of_the_same_raw_data_are_identical(
    plant: Plant, results: dict[str, dict[str, Any]]
) -> None:
    assert results
    former = plant.folder / "former.duckdb"
    shutil.copy(plant.loaders.warehouse, former)
    plant.build("--resource-type", "seed", "--resource-type", "model")
    of_marts = "schema_name = 'marts'"
    assert len(contents(former, of_marts)) >= len(MARTS) + 4
    assert unlike(former, plant.loaders.warehouse, of_marts) == []


COMPARISONS = ("fields_against_raw", "columns_against_staging", "histories_against_dimensions")


@pytest.mark.parametrize("plant", SMALL, indirect=True)
def test_every_column_is_compared_with_a_value(
    plant: Plant, results: dict[str, dict[str, Any]]
) -> None:
    """An account may leave a field empty; the sandbox uses each, so that each is compared."""
    assert [results[name]["status"] for name in COMPARISONS] == ["pass"] * len(COMPARISONS)
    said = plant.dbt("compile", "--no-write-json", "--select", *COMPARISONS)
    assert said.success, said.text
    counts: Counter[tuple[str, str]] = Counter()
    with duckdb.connect(str(plant.loaders.warehouse), read_only=True) as connection:
        connection.execute(f"attach '{plant.loaders.raw}' as raw (read_only)")
        for compiled in said.result.results:
            query = compiled.node.compiled_code.strip().removesuffix("select * from final")
            rows = connection.execute(f"{query} select * from compared").fetchall()
            for place, column, count, *_ in rows:
                kind = "custom_fields" if place.startswith("custom_fields_") else place
                counts[kind, column] += count
    assert len(counts) > 350
    # MaintainX keeps only few deleted records in its lists; one macro reads the time for all.
    deletions = {key: count for key, count in counts.items() if key[1] == "deleted_at"}
    assert any(deletions.values())
    assert [key for key, count in counts.items() if not count and key not in deletions] == []


@pytest.mark.parametrize("plant", SMALL, indirect=True)
def test_sources_are_fresh(plant: Plant) -> None:
    said = plant.dbt("source", "freshness")
    states = {one["status"] for one in said.nodes if one["unique_id"].startswith("source.")}
    assert states == {"pass"}


@pytest.fixture
def planted(tmp_path: Path, dataset: Any) -> Iterator[Callable[..., Plant]]:
    opened: list[Iterator[Plant]] = []

    def make(**records: list[str]) -> Plant:
        sandbox = Sandbox(dataset)
        for name, texts in records.items():
            for text in texts:
                sandbox.raw_record(name, sandbox.organization_ids[0], text)
        opened.append(make_plant(sandbox, tmp_path))
        return next(opened[-1])

    yield make
    for plant in opened:
        next(plant, None)


@pytest.mark.slow
def test_records_of_the_wrong_shape_do_not_stop_the_build(
    planted: Callable[..., Plant],
) -> None:
    plant = planted(
        work_orders=[
            '{"id": 900001, "title": 7, "assignees": 5, "categories": {"a": 1}, "priority": []}',
            '{"id": 900002, "createdAt": "soon", "completedAt": 5, "dueDate": {}, "asset": "x"}',
            '{"id": 900003, "assignees": ["x", null, {"type": "USER"},'
            ' {"type": "TEAM", "id": "crew@plant.example"}], "extraFields": [1, null]}',
            '{"id": 900004, "status": "FROZEN", "priority": "URGENT", "title": "\\u0000 \\" \\n"}',
            '{"id": 900005, "createdAt": "0001-01-01T00:00:00Z", "dueDate": "9999-12-31T23:59Z"}',
            '{"id": 900006, "extraFields": {"a": null, "b": 1, "c": {"d": []}, "": "e"}}',
            json.dumps({"id": 900007, "title": "x" * 1_000_000}),
            '{"id": 900008, "timeItems": [5, null, {"type": "TIME", "quantity": "x",'
            ' "rowTotal": 1e300}, {"rowTotal": 1e19, "durationTotal": []}], "parts": {"a": 1},'
            ' "expenditures": "x", "procedure": []}',
            '{"id": 900009, "expenditures": [{"type": 7, "rowTotal": 9e17, "partId": "x"}, [[]]],'
            ' "parts": [{"id": "x"}, {"id": 1, "quantityUsed": 9e19, "unitCost": 9e18}],'
            ' "procedure": {"fields": [1, {"id": 1, "value": 7, "type": {}, "score": "inf"}]}}',
        ],
        assets=[
            '{"id": 900001, "name": null}',
            '{"id": 900002, "name": "Below one without a name", "parentId": 900001}',
            '{"id": 900003, "name": {}, "parentId": {}, "locationId": "x"}',
        ],
        users=['{"id": 900001, "firstName": [], "email": "crew@plant.example"}'],
        purchase_orders=[
            '{"id": 900001, "items": [1, {"price": 9e19, "quantityOrdered": 9e19}, {"id": "x"}],'
            ' "costs": [{"type": "PERCENT_TAXABLE", "amount": 9e19}, null, {"amount": "x"}]}',
            '{"id": 900002, "items": {}, "costs": 5, "status": [], "createdAt": "soon"}',
        ],
        parts=[
            '{"id": 900001, "locations": [null, 5, {"locationId": "x", "availableQuantity": "y"}]}',
            '{"id": 900002, "locations": {"a": 1}, "availableQuantity": 9e18, "unitCost": 9e18}',
        ],
        meters=[
            '{"id": 900001, "lastReading": [], "asset": 5}',
            '{"id": 900002, "lastReading": {"id": {}, "value": "x", "readingDate": 7}}',
        ],
        maintenance_plans=[
            '{"id": 900001, "recurrence": 5, "planningHorizon": [], "assets": {}}',
            '{"id": 900002, "recurrence": {"type": "WEEKLY", "interval": "x", "days": 5}}',
        ],
    )
    results = plant.build()
    unknown = [results[f"work_orders_of_unknown_{what}"] for what in ("status", "priority")]
    assert [(result["status"], result["failures"]) for result in unknown] == [
        ("warn", 9),
        ("warn", 2),
    ]
    rows = plant.loaders.query(
        "select work_order_id, status, priority, length(title), assignee_names, asset_name"
        " from marts.fct_work_orders where work_order_id between 900001 and 900009 order by 1"
    )
    assert [row[0] for row in rows] == list(range(900001, 900010))
    assert rows[3][1:3] == ("FROZEN", 0)
    assert rows[6][3] == 1_000_000


@pytest.mark.slow
def test_an_empty_account_builds(tmp_path: Path, dataset: Any) -> None:
    sandbox = Sandbox(dataset, forbidden=[name for name in CATALOGUE if name != "organizations"])
    with serve(sandbox) as url:
        loaders = Loaders(sandbox, url, tmp_path / "warehouse.duckdb")
        loaders.extract("-q")
        Plant(loaders, tmp_path).build()
        assert loaders.query("select count(*) from marts.fct_work_orders") == [(0,)]


def test_every_unit_test_passes(small_plant: Plant, tmp_path: Path) -> None:
    loaders = Loaders(small_plant.loaders.sandbox, "", small_plant.loaders.copied(tmp_path))
    said = Plant(loaders, tmp_path).dbt("test", "--no-write-json", "--select", "test_type:unit")
    assert said.success, said.text
    assert len(said.nodes) > 50


@pytest.mark.parametrize("plant", SMALL, indirect=True)
def test_a_var_that_cannot_be_used_says_what_is_allowed(plant: Plant) -> None:
    wrong = {
        "as_off": "2026-06-30",
        "as_of": "30.06.2026",
        "excluded_categories": "Safety",
        "reconciled_fields": ["title"],
        "custom_field_columns": {"Title": "Line"},
        "repeat_failure_days": "30 days",
        "skipped_counts_as_missed": "no",
    }
    place = ("--target-path", str(plant.target), "--log-path", str(plant.target))
    said = invoke(
        plant.loaders.warehouse,
        *("run", "--no-write-json", "--select", "dim_dates", "--vars", json.dumps(wrong), *place),
        manifest=parsed(plant.target),
    )
    assert not said.success
    for message in (
        "as_off is not a var of this project; use one of excluded_categories,",
        "as_of must be a date or time such as 2026-01-31T06:00:00Z, not 30.06.2026",
        "excluded_categories must be a list such as [Safety], not Safety",
        "reconciled_fields must be {column: key}, not ['title']",
        "names an existing column of fct_work_orders: Title; choose another name for it",
        "repeat_failure_days must be a whole number of days, at least 0, not 30 days",
        "skipped_counts_as_missed must be true or false, not no",
    ):
        assert message in said.text, message


def test_a_build_without_raw_data_says_what_to_do(tmp_path: Path, dataset: Any) -> None:
    loaders = Loaders(Sandbox(dataset), "", tmp_path / "warehouse.duckdb")
    said = loaders.run("dbt", "build", expect=2)
    assert "run `make extract` first" in said.stderr
    assert said.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == []
