"""`python -m loaders demo`."""

import os
import subprocess
import sys
import time
from datetime import UTC, datetime
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
from loaders.extract.run import new_run_id
from loaders.printing import say
from loaders.warehouse import lock, upgrade
from loaders.warehouse.file import RawFile, now, one_row, raw_path, reading
from sandbox import KEY, Sandbox, serve
from sandbox import build as build_dataset
from sandbox.plant.build import WORK_ORDERS

# Those of the README.
QUESTIONS = {
    "What is open, and how much of it is overdue?": """
select
    coalesce(site_label, 'no location') as site,
    count(*) as open_orders,
    count(*) filter (where is_overdue) as overdue
from marts.fct_work_orders
where is_open and is_counted and not is_upcoming
group by all
order by overdue desc, site
limit 3
""",
    "Are we doing our preventive maintenance on time?": """
select site_label, due_orders, done_by_due, round(100 * compliance, 1) as compliance_percent
from marts.mart_pm_compliance_monthly
where month_start_on = date '2026-05-01' and due_orders > 100
order by site_label
""",
    "Which assets were down longest in the last 12 months?": """
select asset_name, site_label, round(downtime_hours, 1) as hours_down, failures
from marts.mart_bad_actors
order by hours_down desc, asset_name
limit 3
""",
    "How fast is reactive work done?": """
select
    source_priority,
    count(*) as completed,
    round(median(duration_hours), 1) as median_hours
from marts.fct_work_orders
where has_valid_completion and is_counted and work_type = 'REACTIVE'
group by all
order by median_hours
""",
    "What did maintenance cost?": """
select site_label, currency, round(sum(total_cost)) as cost
from marts.mart_maintenance_cost_monthly
where month_start_on = date '2026-05-01'
group by all
order by cost desc, site_label
limit 3
""",
}


NEXT = """
Open {page} in a browser: headline figures, charts and a shift board.
The marts are in {copy}: open it read-only with any DuckDB client. Next:
  export MAINTAINX_WAREHOUSE={warehouse}
  make docs                  # every table and column, in target/static_index.html
  make trust                 # data quality on one page
  make export ARGS=xlsx      # the reports as an Excel workbook, in exports/
  make build                 # after a change of seeds or models; the answers keep their date
  unset MAINTAINX_WAREHOUSE  # before you use your own account
"""


@click.command("demo")
@click.option(
    "--work-orders", default=WORK_ORDERS, show_default=True, help="Number of work orders."
)
def command(work_orders: int) -> None:
    """Extract sandbox data over HTTP, build the warehouse and answer five questions.

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
    with lock.held(warehouse, "demo", kind=lock.BUILD):
        _refuse_other_data(warehouse)
        # Marks the file as the demo's, also if the extract is interrupted.
        log_moment(warehouse, datetime.fromisoformat(sandbox.now))
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
        log_moment(warehouse, datetime.fromisoformat(sandbox.now))
        extracted = time.monotonic()
        say("\npython -m loaders build", bold=True)
        stop = stop_on_signals()
        built = build(warehouse, stop)
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
    say(NEXT.format(copy=copy, page=page, warehouse=warehouse))


def log_moment(warehouse: Path, moment: datetime) -> None:
    """Log the end of the sandbox's data, which the macro as_of takes until another extract ends."""
    raw = RawFile(warehouse)
    with lock.held(warehouse, "demo"):
        upgrade.prepare(raw)
        with raw.transaction() as connection:
            connection.execute(
                "insert into raw._runs values (?, 'demo', 'demo', ?, ?, 0, null)",
                [new_run_id(), now(), moment.astimezone(UTC).replace(tzinfo=None)],
            )


def _refuse_other_data(warehouse: Path) -> None:
    # A former release kept the raw tables in the warehouse.
    file = "raw" if raw_path(warehouse).exists() else "warehouse"
    if file == "warehouse" and not warehouse.exists():
        return
    with reading(warehouse, file) as connection:
        try:
            (is_other,) = one_row(
                connection,
                "select count(*) > 0 and count(*) filter (state = 'demo') = 0 from raw._runs",
            )
        except duckdb.CatalogException:
            return
    if is_other:
        raise SettingsError(
            f"{warehouse} holds data that `make demo` did not load: unset MAINTAINX_WAREHOUSE, or"
            " set it to another file for the demo"
        )


def _answer(warehouse: Path, query: str) -> str:
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        relation = connection.execute(query)
        head = [column[0] for column in relation.description or []]
        rows = [["" if cell is None else str(cell) for cell in row] for row in relation.fetchall()]
    return columns(head, rows)
