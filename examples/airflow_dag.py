"""Airflow: extract, build and publish. The key comes from the worker's environment."""

from datetime import datetime, timedelta

from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import DAG

PROJECT = "/opt/maintainx-warehouse"

with DAG(
    dag_id="maintainx_warehouse",
    schedule=timedelta(minutes=15),
    start_date=datetime(2026, 1, 1),
    catchup=False,
    max_active_runs=1,
    default_args={"retries": 1, "retry_delay": timedelta(minutes=5)},
):
    # Exit code 3: another run holds the warehouse, so this one is skipped.
    BashOperator(
        task_id="sync",
        bash_command=f"cd {PROJECT} && exec .venv/bin/python -m loaders sync --once",
        skip_on_exit_code=3,
    )
