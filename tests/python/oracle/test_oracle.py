"""The report marts and purchase orders of a small and of a large plant against the oracle, figure
by figure."""

from datetime import date
from decimal import Decimal
from typing import Any

import duckdb
import pytest

from tests.python.conftest import Plant
from tests.python.oracle.compare import Keyed, differences, keyed
from tests.python.oracle.marts import MARTS, organizations, rows_of
from tests.python.oracle.organization import Organization


@pytest.fixture(scope="module")
def held(plant: Plant) -> list[Organization]:
    return organizations(plant.loaders.sandbox)


def read(plant: Plant, name: str) -> Keyed:
    with duckdb.connect(str(plant.loaders.warehouse), read_only=True) as connection:
        answer = connection.execute(f"select * from marts.{name}")
        columns = [column[0] for column in answer.description]
        rows = [dict(zip(columns, row, strict=True)) for row in answer.fetchall()]
    return keyed(rows, ("organization_id", *MARTS[name].key))


@pytest.mark.parametrize("name", MARTS)
def test_the_mart_says_what_the_oracle_says(
    name: str, plant: Plant, results: dict[str, dict[str, Any]], held: list[Organization]
) -> None:
    assert results[name]["status"] == "success"
    oracle = keyed(rows_of(name, held), ("organization_id", *MARTS[name].key))
    assert oracle
    found = differences(read(plant, name), oracle)
    assert not found, "\n".join([f"{len(found)} differences in {name}", *found[:20]])


@pytest.mark.parametrize(
    ("column", "held_by_oracle", "held_by_mart"),
    [
        ("orders", 40_000, 40_001),
        ("total_cost", Decimal("1250.10"), Decimal("1250.11")),
        ("unit_cost", Decimal("0.012300"), Decimal("0.010000")),
        ("logged_hours", 12.5, 12.5 + 1 / 3600),
        ("cost_coverage", 0.5, 0.500000002),
        ("cost_coverage", None, 0.0),
        ("due_on", date(2026, 6, 30), date(2026, 7, 1)),
        ("is_on_hold", True, False),
    ],
)
def test_one_changed_figure_is_a_difference(
    column: str, held_by_oracle: Any, held_by_mart: Any
) -> None:
    oracle = {(4201, 7): {"asset_id": 7, column: held_by_oracle}}
    assert not differences(oracle, oracle)
    mart = {(4201, 7): {"asset_id": 7, column: held_by_mart}}
    assert len(differences(mart, oracle)) == 1


def test_a_row_that_one_of_them_lacks_is_a_difference() -> None:
    oracle: Keyed = {(4201, 7): {"asset_id": 7}}
    assert differences({}, oracle) == ["(4201, 7): only in the oracle"]
    assert differences(oracle, {}) == ["(4201, 7): only in the mart"]
