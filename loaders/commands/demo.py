"""`python -m loaders demo`."""

import os
import subprocess
import sys
import time
from pathlib import Path

import click
import duckdb

from loaders import settings
from loaders.commands.console import columns
from loaders.commands.running import stop_on_signals
from loaders.dbt import build
from loaders.errors import LoaderError, SettingsError
from loaders.export.dashboard import write_dashboard
from loaders.export.publish import publish
from loaders.printing import say
from loaders.warehouse.file import raw_path, reading
from sandbox import KEY, Sandbox, serve
from sandbox import build as build_dataset
from sandbox.plant.build import WORK_ORDERS

QUESTIONS = {
    "What is open, and how much of it is overdue?": """
        select
            coalesce(site_label, '(no location)') as site,
            count(*) as open_orders,
            count(*) filter (is_overdue) as overdue,
            round(median(age_days)) as median_age_days
        from marts.fct_work_orders
        where is_open and is_counted and not is_upcoming
        group by site_label
        order by overdue desc, open_orders desc, site
    """,
    "How long does reactive work take, from creation to completion?": """
        select
            source_priority as priority,
            count(*) as completed,
            round(median(duration_hours), 1) as median_hours,
            round(quantile_cont(duration_hours, 0.9), 1) as nine_of_ten_within_hours
        from marts.fct_work_orders
        where has_valid_completion and is_counted and work_type = 'REACTIVE'
        group by priority, source_priority
        order by marts.fct_work_orders.priority desc
    """,
    "Which assets needed most reactive work in the last 12 months?": """
        select
            asset_name as asset,
            location_path as location,
            reactive_orders,
            failures,
            round(downtime_hours, 1) as downtime_hours
        from marts.mart_bad_actors
        order by reactive_orders desc, asset, location
        limit 5
    """,
}


NEXT = """
Open {page} in a browser: headline figures, charts and a shift board.
The marts are in {copy}: open it read-only with any DuckDB client. Next:
  export MAINTAINX_WAREHOUSE={warehouse}
  make docs                  # every table and column, in target/static_index.html
  make trust                 # data quality on one page
  make export ARGS=xlsx      # the reports as an Excel workbook, in exports/
  make build ARGS="--vars 'as_of: {as_of}'"      # after a change of seeds or models
  unset MAINTAINX_WAREHOUSE  # before you use your own account
"""


@click.command("demo")
@click.option(
    "--work-orders", default=WORK_ORDERS, show_default=True, help="Number of work orders."
)
def command(work_orders: int) -> None:
    """Extract sandbox data over HTTP, build the warehouse and answer three questions.

    Writes demo/warehouse.duckdb, or the file that MAINTAINX_WAREHOUSE names, publishes the marts to
    marts.duckdb beside it, and writes dashboard.html.

    \b
    Examples:
      python -m loaders demo
      python -m loaders demo --work-orders 2000
    """
    try:
        dataset = build_dataset(work_orders)
    except ValueError as error:
        raise SettingsError(str(error)) from None
    started = time.monotonic()
    warehouse = settings.warehouse_path(settings.DEMO_WAREHOUSE)
    sandbox = Sandbox(dataset)
    _refuse_other_data(warehouse, sandbox)
    with serve(sandbox) as url:
        say(f"Mock MaintainX API with {work_orders:,} work orders at {url}", bold=True)
        environment = {
            **os.environ,
            "MAINTAINX_API_KEY": KEY,
            "MAINTAINX_BASE_URL": url,
            "MAINTAINX_WAREHOUSE": str(warehouse),
        }
        environment.pop("MAINTAINX_ORGANIZATION_IDS", None)
        say("\npython -m loaders extract", bold=True)
        extract = [sys.executable, "-m", "loaders", "extract"]
        if subprocess.run(extract, env=environment, check=False).returncode:  # noqa: S603
            raise LoaderError("the extract failed: see what it printed above")
    extracted = time.monotonic()
    say("\npython -m loaders build", bold=True)
    stop = stop_on_signals()
    built = build(warehouse, stop, "--vars", f"as_of: {sandbox.now[:16]}")
    say(built.text)
    if built.code:
        raise LoaderError("dbt build failed: see what it printed above")
    copy, _ = publish(warehouse, stop=stop)
    page = write_dashboard(warehouse)
    for question, query in QUESTIONS.items():
        say(f"\n{question}", bold=True)
        say(_answer(warehouse, query))
    say(
        f"\nExtracted in {extracted - started:.0f} s, built and tested in"
        f" {time.monotonic() - extracted:.0f} s.",
        bold=True,
    )
    say(NEXT.format(copy=copy, page=page, warehouse=warehouse, as_of=sandbox.now[:16]))


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


def _answer(warehouse: Path, query: str) -> str:
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        relation = connection.execute(query)
        head = [column[0] for column in relation.description or []]
        rows = [["" if cell is None else str(cell) for cell in row] for row in relation.fetchall()]
    return columns(head, rows)
