"""Plants a fault into a copy of a small warehouse or of the project, and asks dbt what it sees."""

import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import duckdb
from dbt.contracts.graph.manifest import Manifest

from loaders.sandbox import Sandbox, serve, small
from tests.faults.story import live_through
from tests.in_process import Said, as_of, invoke
from tests.loaders.conftest import ROOT, Loaders

PROJECT = ("models", "macros", "seeds", "tests", "dbt_project.yml", "profiles.yml")
# What says that a table was refused by the promise of its columns and keys.
GUARD = ("Constraint Error", "enforced contract")


@dataclass(frozen=True)
class Raw:
    """A fault in the data: SQL that changes rows of raw.<table>, at least one."""

    table: str
    sql: str


@dataclass(frozen=True)
class Edit:
    """A fault in the project: a piece of one of its files, found there once, becomes another."""

    path: str
    old: str
    new: str


@dataclass(frozen=True)
class Fault:
    """One fault and what must turn red by it.

    imitates: what it would be in life. plants: all of it. caught_by: names of dbt tests, or of a
    model that cannot be built for its contract, or a source (source:maintainx.<table>) that is no
    longer fresh; each of them has to see it.
    """

    name: str
    imitates: str
    plants: tuple[Raw | Edit, ...]
    caught_by: tuple[str, ...]

    @property
    def tests(self) -> list[str]:
        """What is run, rather than asked for its freshness."""
        return [name for name in self.caught_by if not name.startswith("source:")]


@dataclass(frozen=True)
class Seen:
    """What dbt said of a node: its status, and how many rows failed."""

    status: str
    failures: int
    message: str

    @property
    def is_green(self) -> bool:
        return self.status in ("pass", "success")


class Workshop:
    """A small warehouse that is in order but for the sandbox's dirt, and a copy of the project.

    green: what each test and model says of it, by name.
    """

    def __init__(self, folder: Path, faults: Iterable[Fault]) -> None:
        self.project = folder / "project"
        self.base = folder / "base.duckdb"
        self.warehouse = folder / "warehouse.duckdb"
        for name in PROJECT:
            source, copy = ROOT / name, self.project / name
            copy.parent.mkdir(exist_ok=True)
            shutil.copytree(source, copy) if source.is_dir() else shutil.copy(source, copy)
        sandbox = Sandbox(small())
        with serve(sandbox) as url:
            live_through(Loaders(sandbox, url, self.warehouse))
        self.as_of = as_of(sandbox.now)
        self.manifest: Manifest = self.dbt(["parse"], None).result
        self.parsed = self.project / "target" / "partial_parse.msgpack"
        self.pristine = shutil.copy(self.parsed, folder)
        self.green = self.results(["build", "--exclude-resource-type", "unit_test"], self.manifest)
        units = {
            unit.name
            for unit in self.manifest.unit_tests.values()
            if any(unit.name in fault.caught_by for fault in faults)
        }
        if units:
            self.green |= self.results(["test", "--select", *units], self.manifest)
        shutil.copy(self.warehouse, self.base)

    def dbt(self, command: list[str], manifest: Manifest | None) -> Said:
        arguments = ["--no-write-json", *command, *self.as_of]
        said = invoke(self.warehouse, *arguments, manifest=manifest, project=self.project)
        assert said.result is not None, said.text
        return said

    def results(self, command: list[str], manifest: Manifest | None = None) -> dict[str, Seen]:
        """What dbt says of each node that the command touches, by name."""
        seen = {}
        for result in self.dbt(command, manifest).result.results:
            node = result.node
            is_source = node.resource_type == "source"
            name = f"source:{node.source_name}.{node.name}" if is_source else node.name
            failures = getattr(result, "failures", None)
            seen[name] = Seen(str(result.status), failures or 0, result.message or "")
        return seen

    def plant(self, fault: Fault) -> dict[str, Seen]:
        """What dbt sees of a fault, planted by itself; project and warehouse are mended again."""
        shutil.copy(self.base, self.warehouse)
        former: dict[Path, str] = {}
        try:
            for plant in fault.plants:
                if isinstance(plant, Raw):
                    self._damage(plant)
                else:
                    path = self.project / plant.path
                    text = former.setdefault(path, path.read_text())
                    found = path.read_text().count(plant.old)
                    assert found == 1, f"{plant.old!r} stands {found} times in {plant.path}"
                    path.write_text(path.read_text().replace(plant.old, plant.new))
                    assert path.read_text() != text, "the edit changes nothing"
            manifest = None if former else self.manifest
            if former:
                # Else the file that the fault before had edited would be parsed again, too.
                shutil.copy(self.pristine, self.parsed)
            seen: dict[str, Seen] = {}
            for name in fault.caught_by:
                if name.startswith("source:"):
                    seen |= self.results(["source", "freshness", "--select", name], manifest)
            if fault.tests:
                seen |= self.results(self._build(fault), manifest)
            return seen
        finally:
            for path, text in former.items():
                path.write_text(text)

    def _damage(self, plant: Raw) -> None:
        with duckdb.connect(str(self.warehouse)) as connection:
            connection.execute("set TimeZone = 'UTC'")
            row = connection.execute(plant.sql).fetchone()
        assert row is not None
        assert row[0] > 0, f"no row was changed: {plant.sql}"

    def _build(self, fault: Fault) -> list[str]:
        """The command that builds what lies between the plants and the tests, and runs these."""
        changed = []
        for plant in fault.plants:
            if isinstance(plant, Raw):
                changed.append(f"source:maintainx.{plant.table}+,")
            elif plant.path.startswith("macros/"):
                changed.append("")
            else:
                changed.append(f"{Path(plant.path).stem}+,")
        select = [f"{start}+{name}" for start in changed for name in fault.tests]
        return ["build", "--indirect-selection", "empty", "--select", *select]

    def missed(self, fault: Fault) -> str:
        """Why a fault is not caught as its row says, '' if it is."""
        seen = self.plant(fault)
        for name in fault.caught_by:
            if name not in seen:
                return f"{name} is not there, or was not run"
            before, after = self.green.get(name), seen[name]
            if before is None and not name.startswith("source:"):
                return f"{name} did not run on the warehouse without the fault"
            if after.is_green:
                return f"{name} stays green"
            is_guarded = any(text in after.message for text in GUARD)
            if after.status == "error" and not (is_guarded or name.startswith("source:")):
                return f"{name} cannot run: {after.message}"
            if before and not before.is_green and after.failures <= before.failures:
                return f"{name} finds {after.failures} rows, as many as without the fault"
        broken = [
            f"{name}: {result.message}"
            for name, result in seen.items()
            if result.status == "error" and name not in fault.caught_by
        ]
        return f"something else broke: {broken[0]}" if broken else ""
