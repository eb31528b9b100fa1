"""`python -m loaders demo`."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import click
import duckdb

from loaders.commands.console import columns
from loaders.dbt import BUILD, PROJECT, dbt
from loaders.errors import LoaderError, SettingsError
from loaders.warehouse.file import raw_path, reading
from sandbox import KEY, Sandbox, build, serve
from sandbox.plant.build import WORK_ORDERS

DEFAULT_WAREHOUSE = "demo.duckdb"

QUESTIONS = {
    "What is open, and how much of it is overdue?": """
        select
            coalesce(site_name, '(no location)') as site,
            count(*) as open,
            count(*) filter (is_overdue) as overdue,
            round(median(age_days)) as median_age_days
        from marts.fct_work_orders
        where is_open and not is_upcoming
        group by site_name
        order by overdue desc, open desc, site
    """,
    "How long does work take, from report to completion?": """
        select
            source_priority as priority,
            count(*) as completed,
            round(median(duration_hours), 1) as median_hours,
            round(quantile_cont(duration_hours, 0.9), 1) as nine_of_ten_within_hours
        from marts.fct_work_orders
        where has_valid_completion and work_type = 'REACTIVE'
        group by priority, source_priority
        order by marts.fct_work_orders.priority desc
    """,
    "Which assets broke down most in the last 90 days?": """
        select
            asset_name as asset,
            location_path as location,
            count(*) as reactive_orders,
            round(sum(duration_hours)) as hours_to_completion
        from marts.fct_work_orders
        where work_type = 'REACTIVE' and asset_id is not null
            and created_at > (select max(created_at) - interval 90 days from marts.fct_work_orders)
        group by organization_id, asset_id, asset_name, location_path
        order by reactive_orders desc, asset
        limit 5
    """,
}


@click.command("demo")
@click.option(
    "--work-orders", default=WORK_ORDERS, show_default=True, help="Number of work orders."
)
def command(work_orders: int) -> None:
    """Extract sandbox data over HTTP, build the warehouse and answer three questions.

    Writes demo.duckdb, or the file that MAINTAINX_WAREHOUSE names.

    \b
    Examples:
      python -m loaders demo
      python -m loaders demo --work-orders 2000
    """
    try:
        dataset = build(work_orders)
    except ValueError as error:
        raise SettingsError(str(error)) from None
    started = time.monotonic()
    warehouse = Path(os.environ.get("MAINTAINX_WAREHOUSE") or DEFAULT_WAREHOUSE).resolve()
    sandbox = Sandbox(dataset)
    _refuse_other_data(warehouse, sandbox)
    with serve(sandbox) as url:
        click.secho(f"Mock MaintainX API with {work_orders:,} work orders at {url}", bold=True)
        environment = {
            **os.environ,
            "MAINTAINX_API_KEY": KEY,
            "MAINTAINX_BASE_URL": url,
            "MAINTAINX_WAREHOUSE": str(warehouse),
        }
        environment.pop("MAINTAINX_ORGANIZATION_IDS", None)
        click.secho("\npython -m loaders extract", bold=True)
        extract = [sys.executable, "-m", "loaders", "extract"]
        if subprocess.run(extract, env=environment, check=False).returncode:  # noqa: S603
            raise LoaderError("the extract failed: see what it printed above")
    extracted = time.monotonic()
    click.secho("\ndbt build", bold=True)
    if dbt(warehouse, *BUILD, "--vars", json.dumps({"as_of": sandbox.now})):
        raise LoaderError("dbt build failed: see what it printed above")
    click.echo(_results())
    for question, query in QUESTIONS.items():
        click.secho(f"\n{question}", bold=True)
        click.echo(_answer(warehouse, query))
    built = time.monotonic()
    click.secho(
        f"\nExtracted in {extracted - started:.0f} s, built and tested in"
        f" {built - extracted:.0f} s. The warehouse is {warehouse}",
        bold=True,
    )
    click.echo("Open it with any DuckDB client; `make docs` writes its documentation.")


def _refuse_other_data(warehouse: Path, sandbox: Sandbox) -> None:
    # A former release kept the raw tables in the warehouse.
    file = "raw" if raw_path(warehouse).exists() else "warehouse"
    if file == "warehouse" and not warehouse.exists():
        return
    with reading(warehouse, file) as connection:
        try:
            found = connection.execute("select distinct id from raw.organizations").fetchall()
        except duckdb.CatalogException:
            return
    if {row[0] for row in found} - set(sandbox.organization_ids):
        raise SettingsError(
            f"{warehouse} holds data of another account: unset MAINTAINX_WAREHOUSE, or set it to"
            " another file for the demo"
        )


def _results() -> str:
    """Counts and warnings from dbt's run_results.json."""
    results = json.loads((PROJECT / "target" / "run_results.json").read_text())["results"]
    states: dict[tuple[str, str], int] = {}
    for result in results:
        kind = result["unique_id"].split(".")[0]
        states[kind, result["status"]] = states.get((kind, result["status"]), 0) + 1
    warned = [result for result in results if result["status"] == "warn"]
    lines = [
        f"{states.get(('model', 'success'), 0)} models and {states.get(('seed', 'success'), 0)}"
        f" seeds built; {states.get(('test', 'pass'), 0)} tests passed, {len(warned)} warned"
    ]
    lines += [
        f"  warned: {result['unique_id'].split('.')[2]}, {result['failures']} rows"
        for result in warned
    ]
    return "\n".join(lines)


def _answer(warehouse: Path, query: str) -> str:
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        relation = connection.execute(query)
        head = [column[0] for column in relation.description or []]
        rows = [["" if cell is None else str(cell) for cell in row] for row in relation.fetchall()]
    return columns(head, rows)
