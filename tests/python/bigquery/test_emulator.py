"""Build the whole project on an emulator of BigQuery, and compare each row with DuckDB.

`export bigquery --raw` loads the raw log. tests/python/bigquery/emulator.py adds features of
BigQuery that the emulator lacks. test_types.py finds SQL that only the emulator accepts.
"""

import json
import os
import random
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from google.api_core.client_options import ClientOptions
from google.auth.credentials import AnonymousCredentials
from google.cloud import bigquery

from sandbox import Sandbox, serve, small
from tests.python.conftest import Plant
from tests.python.faults.story import read_the_source
from tests.python.loaders.conftest import ROOT, Loaders
from tests.support.served import free_port, served

# Status and number of failing rows.
Outcome = tuple[str, int | None]
PROJECT = "plant"
# Marts that describe the builds, not the data.
OF_BUILDS = {"mart_data_quality_daily"}
CHANGES: dict[str, dict[str, Any]] = {
    "work_orders": {
        "title": 'Changed, it\'s "so"',
        "status": "ON_HOLD",
        "timeItems": [],
        "extraFields": {'Line "A"': "1", "Leer": None, "Größe": "2.5"},
    },
    "assets": {"name": "Renamed"},
    "parts": {"name": "Renamed"},
    "users": {"firstName": "Renamed"},
}


def outcome(result: dict[str, Any]) -> Outcome:
    return result["status"], result["failures"]


@dataclass(frozen=True)
class Emulator:
    url: str
    client: Any

    def environment(self, plant: Plant) -> dict[str, str]:
        return {
            **os.environ,
            "MAINTAINX_WAREHOUSE": str(plant.loaders.warehouse),
            "MAINTAINX_BIGQUERY_ENDPOINT": self.url,
            "MAINTAINX_BIGQUERY_PROJECT": PROJECT,
        }

    def rows(self, table: str) -> list[tuple[Any, ...]]:
        found = self.client.query(f"select * from {table}")
        return [tuple(row.values()) for row in found.result()]


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    log = tmp_path_factory.mktemp("emulator") / "log"
    command = [sys.executable, "-m", "tests.python.bigquery.emulator", str(port)]
    with served(command, f"{url}/_crucible/health", log):
        options = ClientOptions(api_endpoint=url)
        client = bigquery.Client(PROJECT, AnonymousCredentials(), client_options=options)
        yield Emulator(url, client)
        client.close()


@pytest.fixture(scope="module")
def plant(emulator: Emulator, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plant]:
    """A small plant with a history: extracted, changed, extracted again, reconciled.

    Its raw log is exported to BigQuery twice, once before the change and once after.
    """
    emulator.client.create_dataset("maintainx_raw")
    sandbox = Sandbox(small())
    folder = tmp_path_factory.mktemp("plant")
    draw = random.Random(1)
    with serve(sandbox) as url:
        plant = Plant(Loaders(sandbox, url, folder / "warehouse.duckdb"), folder)
        plant.loaders.extract("-q")
        send(plant, emulator)
        for name, change in CHANGES.items():
            for organization in sandbox.organization_ids:
                ids = sorted(record["id"] for record in sandbox.live(name, organization))
                chosen = draw.sample(ids, len(ids) // 3)
                sandbox.delete(name, chosen.pop())
                for number in chosen:
                    sandbox.update(name, number, **change)
        plant.loaders.extract("-q", "--sweep")
        read_the_source(plant.loaders)
        told = send(plant, emulator, "--merge")
        counted = re.search(r"maintainx_raw\.work_orders +(\d+) +(\d+)\n", told)
        assert counted, told
        sent, rows = map(int, counted.groups())
        assert 0 < sent < rows == plant.loaders.rows("work_orders")
        yield plant


def send(plant: Plant, emulator: Emulator, *arguments: str) -> str:
    """Load the raw log into the dataset that dbt reads; returns the output."""
    process = subprocess.run(
        [
            *(sys.executable, "-m", "loaders", "export", "bigquery", "--raw", *arguments),
            *("--project", PROJECT, "--dataset", "maintainx_raw"),
        ],
        cwd=ROOT,
        env=emulator.environment(plant),
        capture_output=True,
        text=True,
        check=False,
    )
    assert process.returncode == 0, process.stderr
    return process.stdout


@pytest.fixture(scope="module")
def expected(plant: Plant) -> dict[str, Outcome]:
    """The result on DuckDB."""
    return {name: outcome(result) for name, result in plant.build().items()}


@pytest.fixture(scope="module")
def found(
    plant: Plant, emulator: Emulator, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Outcome]:
    """The result of `dbt build` of all seeds, models and tests on the emulator."""
    folder = tmp_path_factory.mktemp("build")
    process = subprocess.run(
        [
            str(Path(sys.executable).with_name("dbt")),
            *("--no-use-colors", "build", "--target", "bigquery_emulator"),
            *("--exclude-resource-type", "unit_test"),
            *("--target-path", str(folder), "--log-path", str(folder)),
            *("--vars", json.dumps({"as_of": plant.loaders.sandbox.now})),
        ],
        cwd=ROOT,
        env=emulator.environment(plant),
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert process.returncode == 0, process.stdout
    results = json.loads((folder / "run_results.json").read_text())["results"]
    return {one["unique_id"].split(".")[2]: outcome(one) for one in results}


def test_every_test_says_what_it_says_on_duckdb(
    expected: dict[str, Outcome], found: dict[str, Outcome]
) -> None:
    assert found == expected


def comparable(value: Any) -> Any:
    """The value in a form that both engines share; docs/bigquery.md lists the differences."""
    if isinstance(value, datetime):
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)
    if isinstance(value, float | Decimal):
        return round(float(value), 6)
    if isinstance(value, str) and value[:1] in ("{", "["):
        try:
            value = json.loads(value)
        except ValueError:
            return value
    if isinstance(value, dict | list):
        return json.dumps(value, sort_keys=True)
    return value


def marts(plant: Plant) -> dict[str, list[tuple[Any, ...]]]:
    with duckdb.connect(str(plant.loaders.warehouse), read_only=True) as connection:
        names = connection.execute(
            "select table_name from information_schema.tables where table_schema = 'marts'"
        ).fetchall()
        return {
            name: connection.execute(f'select * from marts."{name}"').fetchall()
            for (name,) in names
            if name not in OF_BUILDS
        }


@pytest.mark.usefixtures("expected", "found")
def test_every_mart_is_duckdbs_row_by_row(plant: Plant, emulator: Emulator) -> None:
    differing = {}
    for name, rows in marts(plant).items():
        there = emulator.rows(f"maintainx_marts.{name}")
        ours = Counter(tuple(map(comparable, row)) for row in rows)
        theirs = Counter(tuple(map(comparable, row)) for row in there)
        if ours != theirs:
            differing[name] = ((ours - theirs).most_common(2), (theirs - ours).most_common(2))
    assert not differing
