"""`python -m benchmarks.slopes`: how the time of each model grows with the data.

The models are built over plants of which one is ten times the other: the sandbox's, in which all
lists grow, and one of its organizations with an asset that has all work orders, statuses and
readings. Beside them stand trees of locations sixty levels deep. A model that grows by more than
the data has a quadratic step.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import click
import duckdb

from benchmarks.page import ROOT, show
from sandbox.plant.build import NOW
from tools.bench_build import apart, fill

GROWTH = 10
# Models that take less than this with the larger plant are measured, and not shown.
SHOWN_FROM_S = 1.0
DEPTH = 60

# Work orders have their asset in an object, statuses by its id. The readings are those of an hour
# meter, one for each work order.
ONE_ASSET = r"""
set variable organization = (select min(organization_id) from assets);
set variable asset = (
    select min(id) from assets where organization_id = getvariable('organization')
);
delete from work_orders where organization_id != getvariable('organization');
delete from asset_statuses where organization_id != getvariable('organization');
update work_orders set payload = regexp_replace(
    payload, '"asset":\{"id":\d+', '"asset":{"id":' || getvariable('asset')
);
update asset_statuses set payload = regexp_replace(
    payload, '"assetId":\d+', '"assetId":' || getvariable('asset')
);
insert into meters
select
    getvariable('organization'), 1,
    json_object(
        'id', 1, 'name', 'Hours', 'unit', 'h', 'asset', {'id': getvariable('asset')},
        'lastReading', {
            'id': 'r' || number,
            'value': number / 10,
            'readingDate': strftime(read_at, '%Y-%m-%dT%H:%M:%S.000Z')
        }
    ),
    null, 'upsert', md5(cast(number as varchar)), read_at, 'bench'
from (
    select
        number,
        (select max(_extracted_at) from work_orders)
        - interval 3 year * (1 - number / (select count(*) from work_orders)) as read_at
    from range((select count(*) from work_orders)) as numbers(number)
);
"""

TREE = """
create or replace table locations as
select
    cast(1 as bigint) as organization_id,
    cast(number as bigint) as location_id,
    case
        when number >= $width
            then (number // $width - 1) * $width + cast(hash(number) % $width as bigint)
    end as parent_location_id,
    'Location ' || number as name
from range($locations) as numbers(number)
"""


def seconds_of_models(warehouse: Path) -> dict[str, float]:
    """Wall seconds of each model in a build without tests by one thread of dbt."""
    dbt = str(Path(sys.executable).with_name("dbt"))
    target = warehouse.with_suffix(".target")
    command = [dbt, "--quiet", "build", "--threads", "1", "--vars", json.dumps({"as_of": NOW})]
    command += ["--exclude-resource-type", "test", "unit_test"]
    command += ["--target-path", str(target), "--log-path", str(target)]
    environment = {**os.environ, "MAINTAINX_WAREHOUSE": str(warehouse)}
    done = subprocess.run(
        command, check=False, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL
    )
    if done.returncode:
        raise click.ClickException(f"dbt build ended with {done.returncode}: see {target}")
    results = json.loads((target / "run_results.json").read_text())["results"]
    nodes = [one for one in results if one["unique_id"].startswith("model.")]
    return {one["unique_id"].split(".")[-1]: one["execution_time"] for one in nodes}


def plants(folder: Path, work_orders: int) -> dict[str, dict[str, float]]:
    """Seconds of each model over both plants of so many work orders."""
    seen = {}
    for plant in ("sandbox", "one asset"):
        warehouse = folder / f"{plant.replace(' ', '_')}_{work_orders}.duckdb"
        apart(fill, warehouse, work_orders)
        if plant == "one asset":
            with duckdb.connect(warehouse.with_suffix(".raw.duckdb")) as connection:
                connection.execute(ONE_ASSET)
        seen[plant] = seconds_of_models(warehouse)
        click.echo(f"{plant}, {work_orders:,} work orders: {sum(seen[plant].values()):.0f} s")
    return seen


def paths(folder: Path, locations: int) -> float:
    """Wall seconds of the paths of so many locations."""
    dbt = str(Path(sys.executable).with_name("dbt"))
    command = [dbt, "--quiet", "compile", "--target", "lint", "--select", "int_locations__paths"]
    command += ["--no-populate-cache", "--target-path", str(folder), "--log-path", str(folder)]
    subprocess.run(command, cwd=ROOT, stdout=subprocess.DEVNULL, check=True)
    (compiled,) = folder.glob("compiled/*/models/intermediate/int_locations__paths.sql")
    sql = compiled.read_text()
    with duckdb.connect(config={"threads": 2, "memory_limit": "4GB"}) as connection:
        connection.execute("create schema staging; use staging")
        connection.execute(TREE, {"width": locations // DEPTH, "locations": locations})
        connection.execute("alter table locations rename to stg_maintainx__locations")
        started = time.perf_counter()
        connection.execute(f"create table paths as {sql}")
        seconds = time.perf_counter() - started
        (found,) = connection.execute("select max(depth) from paths").fetchall()
    if found[0] < DEPTH:
        raise click.ClickException(f"the tree has {found[0]} levels instead of {DEPTH}")
    return seconds


def table(results: dict[str, Any]) -> str:
    """The results as Markdown."""
    small, large = results["work_orders"]
    lines = [
        f"Wall seconds, measured on {results['date']} with {results['cores']} cores and one thread"
        " of dbt:",
        "",
        f"| model | plant | {small:,} orders | {large:,} orders | growth |",
        "|---|---|---|---|---|",
    ]
    rows = [
        (name, plant, results["plants"][str(small)][plant][name], seconds)
        for plant, models in results["plants"][str(large)].items()
        for name, seconds in models.items()
    ]
    shown = [row for row in rows if row[3] >= SHOWN_FROM_S]
    lines += [
        f"| `{name}` | {plant} | {before:.2f} | {after:.2f} | {after / before:.1f} |"
        for name, plant, before, after in sorted(shown, key=lambda row: -row[3])
    ]
    lines += [
        f"| `int_locations__paths`, {DEPTH} levels | {few:,} and {many:,} locations"
        f" | {before:.2f} | {after:.2f} | {after / before:.1f} |"
        for (few, before), (many, after) in [results["paths"]]
    ]
    lines.append("")
    lines.append(
        f"The other {len(rows) - len(shown)} of {len(rows)} builds of a model take less than"
        f" {SHOWN_FROM_S:.0f} second with the larger plant. No model may grow by much more than"
        f" the data, {GROWTH} times."
    )
    return "\n".join(lines) + "\n"


@click.command()
@click.option("--orders", default=20_000, show_default=True, help="Work orders of the small plant.")
@click.option("--locations", default=1_000_000, show_default=True)
@click.option("--write/--no-write", default=False, help="Replace the results and their table.")
def main(orders: int, locations: int, write: bool) -> None:
    """Print the seconds of each model over two plants, of which one is ten times the other."""
    with tempfile.TemporaryDirectory() as folder:
        sizes = (orders, orders * GROWTH)
        results = {
            "date": time.strftime("%Y-%m-%d"),
            "cores": os.cpu_count(),
            "work_orders": sizes,
            "paths": [
                (number, paths(Path(folder) / "paths", number))
                for number in (locations // GROWTH, locations)
            ],
            "plants": {str(size): plants(Path(folder), size) for size in sizes},
        }
    text = table(results)
    click.echo(text)
    if write:
        show("slopes", text, results)


if __name__ == "__main__":
    main()
