"""dbt 2, a pre-release in Rust, builds the same tables: docs/performance.md."""

import json
import platform
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from tests.python.conftest import Plant
from tests.support.dbt_in_process import ROOT, as_of, named

DBT = "dbt-core==2.0.0a4"
# dbt 2 looks for this library in the environment; no package of Python has it.
LIBRARY = f"@duckdb/node-bindings-linux-x64@{duckdb.__version__}-r.1"
# They differ between two builds: results over time.
HISTORY = ("model_runs", "test_results", "coverage_results", "reconciliation_results")

TABLES = """
select
    schema_name || '.' || table_name,
    list((column_name, data_type, duckdb_columns.comment) order by column_index)
from duckdb_columns()
join duckdb_tables() using (database_name, schema_name, table_name)
where database_name = ? and schema_name != 'incremental' and table_name not in (select unnest(?))
group by all
"""


@pytest.fixture(scope="module")
def dbt_2(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """dbt 2 in an environment of its own; skips where it cannot be installed."""
    if (platform.system(), platform.machine()) != ("Linux", "x86_64") or not shutil.which("npm"):
        pytest.skip("dbt 2 is tested on Linux on x86_64 with npm only")
    folder = tmp_path_factory.mktemp("dbt_2")
    environment = folder / "environment"
    steps = (
        (sys.executable, "-m", "venv", str(environment)),
        (str(environment / "bin" / "pip"), "install", "--quiet", "--only-binary", ":all:", DBT),
        ("npm", "pack", "--silent", LIBRARY),
        ("sh", "-c", "tar -xzf *.tgz -O package/libduckdb.so > environment/lib/libduckdb.so"),
    )
    for step in steps:
        done = subprocess.run(step, cwd=folder, capture_output=True, text=True, check=False)
        if done.returncode:
            pytest.skip(f"dbt 2 cannot be installed: {(done.stderr or done.stdout)[-300:]}")
    return environment / "bin" / "dbt"


@pytest.mark.slow
@pytest.mark.xdist_group("small")
def test_dbt_2_builds_the_same_tables(small_plant: Plant, dbt_2: Path, tmp_path: Path) -> None:
    # dbt 2 writes to the project's folder.
    project = tmp_path / "project"
    for name in ("macros", "models", "seeds", "tests/dbt", "analyses"):
        shutil.copytree(ROOT / name, project / name)
    for name in ("dbt_project.yml", "profiles.yml", "selectors.yml"):
        shutil.copy(ROOT / name, project)
    warehouse = tmp_path / "warehouse.duckdb"
    shutil.copy(small_plant.folder / "warehouse.raw.duckdb", tmp_path)
    with named(warehouse):
        done = subprocess.run(
            [
                *(str(dbt_2), "build", "--target", "ci"),
                *as_of(small_plant.loaders.sandbox.now),
            ],
            cwd=project,
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 0, done.stdout[-3000:]
    results = json.loads((project / "target" / "run_results.json").read_text())["results"]
    assert {one["status"] for one in results} <= {"success", "pass", "warn", "no-op"}
    with duckdb.connect() as connection:
        connection.execute(f"attach '{small_plant.loaders.warehouse}' as one (read_only)")
        connection.execute(f"attach '{warehouse}' as two (read_only)")
        one, two = (
            dict(connection.execute(TABLES, [name, list(HISTORY)]).fetchall())
            for name in ("one", "two")
        )
        assert one == two
        rows = "select count(*) from (from {}.{} except all from {}.{})"
        for table in one:
            for former, latter in (("one", "two"), ("two", "one")):
                query = rows.format(former, table, latter, table)
                assert connection.execute(query).fetchone() == (0,), (table, former)
