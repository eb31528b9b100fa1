"""Evaluate every model and data test as BigQuery does, and compare each row with DuckDB."""

import json
import random
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

import duckdb
import pytest

from sandbox import Sandbox, serve, small
from tests.python.bigquery.evaluator import BigQuery, RefusedError, Table, differing, type_of
from tests.python.bigquery.server import served
from tests.python.conftest import Plant
from tests.python.faults.story import read_the_source
from tests.python.loaders.conftest import Loaders
from tests.support.dbt_in_process import Said, invoke, parsed

PROFILES = Path(__file__).parent
COLUMNS = {"shift": "Shift", "line_name": 'Line "A"'}
# Every var is set, so that the SQL of each var is checked too.
VARS = (
    "--vars",
    json.dumps(
        {
            "as_of": "2026-06-30T12:00:00+02:00",
            "excluded_categories": ["Meeting", "it's \\ so"],
            "excluded_work_types": ["CYCLE_COUNT"],
            "custom_field_columns": COLUMNS,
            "reconciled_fields": {"title": "title", "due_at": "dueDate"},
        }
    ),
)
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
# Values that the engines read or compute differently, unless a macro says how; each goes to a
# record of its own.
DIRT: list[tuple[str, dict[str, Any]]] = [
    (
        "work_orders",
        {"dueDate": "9999-12-31T12:00:00.000Z", "dueDateIsFullDay": True, "completedAt": None},
    ),
    (
        "work_orders",
        {"dueDate": "9999-12-31T12:00:00.000Z", "type": "PREVENTIVE", "status": "DONE"},
    ),
    ("work_orders", {"title": "\t", "estimatedTime": 2.5, "dueDate": "2026-03-01T24:00:00Z"}),
    ("work_orders", {"startDate": "2026-03-01T23:59:60Z", "estimatedTime": 3.5}),
    (
        "work_orders",
        {
            "timeItems": [
                {"type": "TIME", "userId": 2, "rowTotal": 100, "durationTotal": 60},
                {"type": "TIME", "rowTotal": 100, "durationTotal": 60},
                {"type": "TIME", "rowTotal": 200, "quantity": 1},
            ],
            "expenditures": [
                {"type": "OTHER", "rowTotal": 10**23, "description": "\u00a0"},
                {"type": "OTHER", "rowTotal": 5, "costPerUnit": 1.23456789015},
                {"rowTotal": 5},
            ],
        },
    ),
    ("assets", {"name": " \n"}),
    ("users", {"firstName": "\t", "lastName": "\u00a0"}),
    (
        "parts",
        {
            "unitCost": 10**23,
            "locations": [
                {"locationId": 1, "availableQuantity": 2**63 - 1},
                {"locationId": 1, "availableQuantity": 2**63 - 1},
            ],
        },
    ),
    ("meters", {"lastReading": {"id": 7, "value": 5, "readingDate": "soon", "createdAt": None}}),
]
# What the hook of fct_work_orders leaves in the table.
WITH_COLUMNS = """
    select *
    {% for name, label in var('custom_field_columns').items() %}
    , {{ json_member('custom_fields', label) }} as {{ adapter.quote(name) }}
    {% endfor %}
    from {{ ref('fct_work_orders') }}
"""
# Without a server.
DETAILS = ("--max-details", "100000")
COMPILE_ONLY = ("compile", "--no-introspect", "--no-populate-cache")
CHAINED = 1_200
CHAIN = f"""
    with recursive links as (
        select 1 as organization_id, number as node_id, nullif(number - 1, 0) as former_id
        from unnest(generate_array(1, {CHAINED})) as number
    ),
    {{{{ chain_roots('links') }}}},
    stretches as (
        select mark_id, 1 as level from stretches_1
        union all
        select mark_id, 2 as level from stretches_2
        union all
        select mark_id, 3 as level from stretches_3
    ),
    rounds as (select level, mark_id, count(*) as length from stretches group by level, mark_id)
    select
        count(distinct root_id) as roots,
        max(position) as last_position,
        (select max(length) from rounds) as rounds_in_stretches,
        (select count(*) from roots_3) as rounds_over_stretches
    from chain_roots
"""
FRACTION = re.compile(r"\d+\.\d+")
# It describes the builds, not the data.
OF_BUILDS = "mart_data_quality_daily"

Rows = Counter[tuple[Any, ...]]


@pytest.fixture(scope="module")
def plant(tmp_path_factory: pytest.TempPathFactory) -> Plant:
    """A small plant with a history: extracted, changed, extracted again, reconciled, built."""
    sandbox = Sandbox(small())
    folder = tmp_path_factory.mktemp("plant")
    draw = random.Random(1)
    with serve(sandbox) as url:
        plant = Plant(Loaders(sandbox, url, folder / "warehouse.duckdb"), folder)
        plant.loaders.extract("-q", *DETAILS)
        for name, change in CHANGES.items():
            for organization in sandbox.organization_ids:
                ids = sorted(record["id"] for record in sandbox.live(name, organization))
                chosen = draw.sample(ids, len(ids) // 3)
                sandbox.delete(name, chosen.pop())
                for number in chosen:
                    sandbox.update(name, number, **change)
        for number, (name, change) in enumerate(DIRT):
            ids = sorted(record["id"] for record in sandbox.live(name, organization))
            sandbox.update(name, ids[number % len(ids)], **change)
        plant.loaders.extract("-q", "--sweep", *DETAILS)
        read_the_source(plant.loaders)
    Engine(plant, "ci").run("build", "--resource-type", "seed", "--resource-type", "model")
    return plant


@dataclass(frozen=True)
class Engine:
    """dbt with the SQL of one engine; every var is set."""

    plant: Plant
    target: str
    profiles: Path | None = None

    @property
    def manifest(self) -> Any:
        place = self.plant.folder / self.target
        return parsed(place, *VARS, profiles=self.profiles, target=self.target)

    def invoke(self, *arguments: str) -> Said:
        place = str(self.plant.folder / self.target)
        return invoke(
            self.plant.loaders.warehouse,
            *(*arguments, "--target-path", place, "--log-path", place),
            manifest=self.manifest,
            profiles=self.profiles,
            target=self.target,
        )

    def run(self, *arguments: str) -> list[Any]:
        """Run a dbt command; gives the nodes with their compiled SQL."""
        said = self.invoke(*arguments, *VARS)
        assert said.success, said.text
        return [result.node for result in said.result.results]


def select(*kinds: str) -> tuple[str, ...]:
    chosen = [f"resource_type:{kind}" for kind in kinds]
    # dbt compiles the tests that those nodes run by themselves.
    return "--select", *chosen, "--exclude", "path:tests/dbt/together"


@dataclass
class Results:
    """Rows of each model and data test by name; for tests, rows that it finds."""

    models: dict[str, Rows] = field(default_factory=dict)
    tests: dict[str, Rows] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)

    def of(self, node: Any) -> dict[str, Rows]:
        return self.models if node.resource_type == "model" else self.tests


@pytest.fixture(scope="module")
def ours(plant: Plant) -> Results:
    """The result on DuckDB."""
    results = Results()
    engine = Engine(plant, "ci")
    models = [node for node in engine.manifest.nodes.values() if node.resource_type == "model"]
    tests = engine.run("compile", *select("test"))
    with plant.loaders.reading() as connection:
        connection.execute("set memory_limit = '2GB'")
        for node in [*models, *tests]:
            query = f"from {node.relation_name}"
            if node.resource_type == "test":
                query = node.compiled_code
            results.of(node)[node.name] = rows_of(connection, query)
    return results


def rows_of(connection: duckdb.DuckDBPyConnection, query: str) -> Rows:
    found = connection.execute(query)
    names = [column[0] for column in found.description or ()]
    return counted([dict(zip(names, row, strict=True)) for row in found.fetchall()])


def counted(rows: Any) -> Rows:
    return Counter(tuple((name, comparable(row[name])) for name in sorted(row)) for row in rows)


def comparable(value: Any) -> Any:
    """The value in a form that both engines share; docs/bigquery.md lists the differences."""
    if isinstance(value, datetime):
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)
    if isinstance(value, float | Decimal):
        return round(float(value), 6)
    if isinstance(value, str):
        if value[:1] in ("{", "["):
            with suppress(ValueError):
                value = json_text(json.loads(value, parse_int=float))
        return FRACTION.sub(lambda number: f"{float(number[0]):.9g}", value)
    return value


def json_text(value: Any) -> str:
    """JSON with its keys in one order, and a list of objects too: it is sorted by its text."""
    if isinstance(value, list) and all(isinstance(element, dict) for element in value):
        return f"[{', '.join(sorted(map(json_text, value)))}]"
    return json.dumps(value, sort_keys=True)


@pytest.fixture(scope="module")
def bigquery() -> BigQuery:
    return BigQuery()


@pytest.fixture(scope="module")
def theirs(plant: Plant, bigquery: BigQuery) -> Results:
    """The result on BigQuery."""
    engine = Engine(plant, "bigquery", PROFILES)
    nodes = engine.run(*COMPILE_ONLY, *select("seed", "model", "test"))
    (with_columns,) = engine.run(*COMPILE_ONLY, "--inline", WITH_COLUMNS)
    with plant.loaders.reading() as connection:
        for source in engine.manifest.sources.values():
            file = "raw" if source.schema.endswith("_raw") else "warehouse.quality"
            bigquery.add(source.relation_name, table(connection, f'{file}."{source.identifier}"'))
        for node in nodes:
            if node.resource_type == "seed":
                bigquery.add(node.relation_name, table(connection, f"seeds.{node.name}"))
    bigquery.register()
    results = Results()

    def evaluate(node: Any, sql: str) -> Table | None:
        try:
            found = bigquery.evaluate(sql)
        except RefusedError as error:
            results.refused.append(f"{node.name}: {error}")
            return None
        results.of(node)[node.name] = counted(found.rows())
        return found

    for node in in_order([node for node in nodes if node.resource_type == "model"]):
        if (found := evaluate(node, node.compiled_code)) is None:
            continue
        bigquery.add(node.relation_name, found)
        if node.contract.enforced:
            contract = {name: str(column.data_type) for name, column in node.columns.items()}
            results.refused += [
                f"{node.name}: {what}" for what in differing(found.columns, contract)
            ]
        if node.name == "fct_work_orders":
            found = evaluate(node, with_columns.compiled_code)
            assert found is not None, results.refused
            bigquery.add(node.relation_name, found)
    bigquery.register()
    for node in nodes:
        if node.resource_type == "test":
            evaluate(node, node.compiled_code)
    return results


def table(connection: duckdb.DuckDBPyConnection, name: str) -> Table:
    """A table of DuckDB as `export bigquery --raw` loads it."""
    found = connection.execute(f"from {name}")
    columns = {column[0]: type_of(str(column[1])) for column in found.description or ()}
    return Table.of(columns, found.fetchall())


def in_order(nodes: list[Any]) -> Iterator[Any]:
    """Each model after the models that it reads."""
    by_id = {node.unique_id: node for node in nodes}
    order = TopologicalSorter(
        {
            key: [parent for parent in node.depends_on.nodes if parent in by_id]
            for key, node in by_id.items()
        }
    )
    return (by_id[key] for key in order.static_order())


def test_bigquery_takes_every_model_and_test(theirs: Results) -> None:
    assert not theirs.refused, "\n".join(theirs.refused)


def test_every_model_is_duckdbs_row_by_row(ours: Results, theirs: Results) -> None:
    assert sum(map(Counter.total, theirs.models.values())) > 10_000
    assert not differences(ours.models, theirs.models)


def test_every_data_test_finds_what_it_finds_on_duckdb(ours: Results, theirs: Results) -> None:
    assert any(map(Counter.total, theirs.tests.values()))
    assert not differences(ours.tests, theirs.tests)


def differences(ours: dict[str, Rows], theirs: dict[str, Rows]) -> dict[str, Any]:
    """Two rows of each side that the other side lacks, by the node's name."""
    return {
        name: (
            (ours[name] - theirs[name]).most_common(2),
            (theirs[name] - ours[name]).most_common(2),
        )
        for name in ours.keys() & theirs.keys() - {OF_BUILDS}
        if ours[name] != theirs[name]
    }


@pytest.mark.usefixtures("theirs")
def test_every_unit_test_passes(
    plant: Plant, bigquery: BigQuery, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = Engine(plant, "bigquery", PROFILES)
    unit_tests = ("--no-use-colors", "test", "--select", "test_type:unit")
    with served(bigquery, is_free=True) as url:
        monkeypatch.setenv("MAINTAINX_BIGQUERY_ENDPOINT", url)
        refused = engine.invoke(*unit_tests)
    assert "Billing has not been enabled" in refused.text
    assert refused.result is None  # it stops before it runs anything
    with served(bigquery) as url:
        monkeypatch.setenv("MAINTAINX_BIGQUERY_ENDPOINT", url)
        said = engine.invoke(*unit_tests)
    results = {node["unique_id"]: node for node in said.nodes}
    failed = [
        f"{name}: {node['message']}"
        for name, node in results.items()
        if node["status"] not in ("pass", "success")
    ]
    assert any(name.startswith("unit_test.") for name in results), said.text
    assert not failed, "\n".join(failed)


@pytest.mark.usefixtures("theirs")
def test_custom_fields_are_added_in_one_change_of_the_table(
    plant: Plant, bigquery: BigQuery
) -> None:
    engine = Engine(plant, "bigquery", PROFILES)
    hook = "{{ add_custom_field_columns(ref('fct_work_orders')) }}"
    (node,) = engine.run(*COMPILE_ONLY, "--inline", hook)
    assert len(COLUMNS) > 1
    assert node.compiled_code.count("alter table") == 1
    built = bigquery.table("maintainx_marts", "fct_work_orders")
    assert built is not None
    columns = {name: kind for name, kind in built.columns.items() if name not in COLUMNS}
    before = BigQuery()
    before.add("`maintainx_marts`.`fct_work_orders`", Table.of(columns, []))
    # The analyzer changes no table.
    alter, update = node.compiled_code.split(";")
    before.analyze(alter)
    bigquery.analyze(update)


def test_a_long_chain_of_orders_takes_few_rounds(plant: Plant) -> None:
    engine = Engine(plant, "bigquery", PROFILES)
    (node,) = engine.run(*COMPILE_ONLY, "--inline", CHAIN)
    (found,) = BigQuery().evaluate(node.compiled_code).rows()
    assert found["roots"] == 1
    assert found["last_position"] == CHAINED - 1
    # A chain that is a hundred times as long has stretches of the same length.
    assert found["rounds_in_stretches"] < 300
    assert found["rounds_over_stretches"] < CHAINED / 100


@pytest.mark.parametrize(
    ("sql", "reason"),
    [
        ("select count(*) filter (where true) as orders", "Syntax error"),
        ("select date_trunc('month', date '2026-01-01') as month", "date part"),
        ("select cast(1 as double) as hours", "double"),
        ("select json '1' = json '1' as same", "JSON"),
        ("select cast(json '1' as string) as payload", "JSON"),
        ("select 1::int64 as one", "Syntax"),
        ("select median(one) as half from unnest([1]) as one", "median"),
        ("select 1 as one, 2 as one", "two columns"),
        ("select 1", "no name"),
        ("select payload from (select json '1' as payload) group by payload", "JSON"),
        ("select timestamp '2026-01-01' > datetime '2026-01-01' as later", "DATETIME"),
        ("select date_add(date '9999-12-31', interval 1 day) as next_day", "overflow"),
        ("select a from (select 1 as a) left join (select 2 as b) on a < b", "equality"),
        ("select a from (select 1 as a) left join (select 2 as b) on true", "equality"),
        ("select string_agg(a order by a nulls last) as b from (select 'x' as a)", "aggregate"),
        ("select sum(a) over (order by a nulls last) as b from (select 1 as a)", "RANGE"),
    ],
)
def test_what_bigquery_refuses_is_refused(bigquery: BigQuery, sql: str, reason: str) -> None:
    with pytest.raises(RefusedError, match=reason):
        bigquery.evaluate(sql)
