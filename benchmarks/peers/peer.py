"""How each peer is installed, run and read."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
# One environment each; a target of Singer has another one than its tap.
PACKAGES = {
    "dlt": "dlt[duckdb,parquet]==1.31.0",
    "airbyte": "airbyte==0.71.3",
    "meltano": "singer-sdk==0.54.9",
    "target": "target-duckdb==0.8.0",
}
KEY = "sandbox-key-1"
IDS = "import duckdb, sys; print(*(row[0] for row in duckdb.connect(sys.argv[1], read_only=True)"
IDS += ".execute(sys.argv[2]).fetchall()))"


def install(place: Path) -> None:
    """Create the environments that `place` does not have yet."""
    for name, package in PACKAGES.items():
        python = place / name / "bin" / "python"
        if not python.exists():
            subprocess.run([sys.executable, "-m", "venv", place / name], check=True)
            subprocess.run([python, "-m", "pip", "install", "--quiet", package], check=True)


@dataclass(frozen=True)
class Peer:
    """A tool that loads a list into a DuckDB file, with one setting.

    kind: its name in PACKAGES; "" for the loaders. place: the folder of the environments.
    """

    name: str
    kind: str
    setting: str
    place: Path

    def command(
        self, url: str, folder: Path, path: str, setting: str = ""
    ) -> tuple[list[str], dict[str, str]]:
        """The command that loads a list of `url` into `folder`, and its environment.

        setting: "full" for a full refresh in place of an incremental run.
        """
        if not self.kind:
            folder.mkdir(exist_ok=True)
            name = {"workorders": "work_orders"}.get(path, path)
            # A full refresh of the loaders compares ids as well; so does the deletion check, which
            # is due once a day.
            options = ["--sweep"] if setting == "full" else []
            command = [sys.executable, "-m", "loaders", "extract", name, "-q", *options]
            return command, os.environ | {
                "MAINTAINX_API_KEY": KEY,
                "MAINTAINX_BASE_URL": url,
                "MAINTAINX_WAREHOUSE": str(folder / "warehouse.duckdb"),
            }
        command = [
            str(self.place / self.kind / "bin" / "python"),
            str(HERE / f"{self.kind}_peer.py"),
            url,
            str(folder),
            path,
            setting or self.setting,
        ]
        if self.kind == "meltano":
            command.append(str(self.place / "target" / "bin" / "target-duckdb"))
        return command, dict(os.environ)

    def ids(self, folder: Path, path: str) -> list[int]:
        """The ids that it has of a list, none if there is no table, with those it has twice."""
        kind = {"": "", "meltano": "target"}.get(self.kind, self.kind)
        python = str(self.place / kind / "bin" / "python") if kind else sys.executable
        file, sql = folder / "peer.duckdb", "select id from raw.records"
        if not kind:
            file = folder / "warehouse.raw.duckdb"
            name = {"workorders": "work_orders"}.get(path, path)
            sql = (
                f"select id from (select id, arg_max(_operation, _extracted_at) as operation"
                f" from {name} group by id) where operation = 'upsert'"
            )
        read = subprocess.run(
            [python, "-c", IDS, str(file), sql], capture_output=True, text=True, check=False
        )
        return [int(number) for number in read.stdout.split()]
