"""Run dbt in this process, so that it is imported once and the project is parsed once."""

import json
import os
import shutil
import warnings
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner
from dbt.contracts.graph.manifest import Manifest

ROOT = Path(__file__).resolve().parents[2]
SILENT = ("--quiet", "--log-level", "none", "--log-level-file", "none")


@dataclass(frozen=True)
class Said:
    """The result of a dbt command, its output, and its number of statements.

    statements: kind of node -> how many were sent to the database; `dbt` is dbt itself with hooks.
    """

    result: Any
    success: bool
    text: str
    statements: Counter[str]

    @property
    def nodes(self) -> list[dict[str, Any]]:
        """unique_id, status, failures and message of each node of the command."""
        return [
            {
                "unique_id": node.node.unique_id,
                "status": str(node.status),
                "failures": getattr(node, "failures", None),
                "message": node.message,
            }
            for node in self.result.results
        ]


def invoke(
    warehouse: Path,
    *arguments: str,
    manifest: Manifest | None = None,
    project: Path = ROOT,
    profiles: Path | None = None,
    target: str = "ci",
) -> Said:
    """Run a dbt command on a warehouse; with a manifest dbt does not parse the project.

    `profiles` is the folder of profiles.yml, by default the project's. If dbt raises an exception,
    the text ends with it.
    """
    said: list[str] = []
    statements: Counter[str] = Counter()

    def hear(event: Any) -> None:
        said.append(event.info.msg)
        if event.info.name == "SQLQuery":
            kind, dot, _ = event.data.conn_name.partition(".")
            statements[kind if dot else "dbt"] += 1

    place = ["--project-dir", str(project), "--profiles-dir", str(profiles or project)]
    with warnings.catch_warnings(), named(warehouse):
        warnings.simplefilter("ignore")
        runner = dbtRunner(manifest, [hear])
        done = runner.invoke([*SILENT, *arguments, *place, "--target", target])
        # dbt keeps the file open, but a test that copies the file needs all of its data.
        connections: Any = DuckDBConnectionManager
        if connections._ENV is not None:
            connections.env().close()
        connections.close_all_connections()
    assert not warehouse.with_suffix(".duckdb.wal").exists(), "dbt holds the warehouse"
    if done.exception is not None and done.result is None:
        said.append(str(done.exception))
    return Said(done.result, done.success, "\n".join(said), statements)


@contextmanager
def named(warehouse: Path) -> Iterator[None]:
    """Set the warehouse that profiles.yml reads during a command."""
    former = os.environ.get("MAINTAINX_WAREHOUSE")
    os.environ["MAINTAINX_WAREHOUSE"] = str(warehouse)
    try:
        yield
    finally:
        del os.environ["MAINTAINX_WAREHOUSE"]
        if former is not None:
            os.environ["MAINTAINX_WAREHOUSE"] = former


@cache
def parsed(
    target_path: Path, *arguments: str, profiles: Path | None = None, target: str = "ci"
) -> Manifest:
    """The manifest of the project. dbt reuses the partial parse of `make lint` in target/."""
    target_path.mkdir(parents=True, exist_ok=True)
    left = ROOT / "target" / "partial_parse.msgpack"
    if left.exists():
        shutil.copy(left, target_path)
    said = invoke(
        Path("warehouse.duckdb"),
        *("parse", "--target-path", str(target_path), *arguments),
        profiles=profiles,
        target=target,
    )
    assert said.success, said.text
    manifest: Manifest = said.result
    return manifest


def as_of(moment: str) -> tuple[str, str]:
    """The option that sets the "now" of all models."""
    return "--vars", json.dumps({"as_of": moment})
