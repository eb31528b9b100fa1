"""Plants a fault into a copy of a small warehouse or into the project; asks dbt what it sees."""

import shutil
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from dbt.contracts.graph.nodes import Macro, SeedNode

from sandbox import Sandbox, serve, small
from tests.python.faults.story import live_through
from tests.python.loaders.conftest import ROOT, Loaders
from tests.support.dbt_in_process import Said, as_of, invoke, parsed

# What says that a table was refused by the promise of its columns and keys.
GUARD = ("Constraint Error", "enforced contract")
TESTS = ("test", "unit_test")


@dataclass(frozen=True)
class Raw:
    """A fault in the data: SQL that changes rows of raw.<table>, at least one."""

    table: str
    sql: str


@dataclass(frozen=True)
class Edit:
    """A fault in the project: a piece of a model, macro or seed, there once, becomes another."""

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
    """A small warehouse, in order but for the sandbox's dirt, and the project as dbt read it.

    green: what each test and model says of it, by name.
    """

    def __init__(self, folder: Path, faults: Iterable[Fault]) -> None:
        self.folder = folder
        self.warehouse = folder / "warehouse.duckdb"
        sandbox = Sandbox(small())
        with serve(sandbox) as url:
            self.loaders = Loaders(sandbox, url, self.warehouse)
            live_through(self.loaders)
        self.as_of = as_of(sandbox.now)
        self.manifest = parsed(folder / "target")
        # dbt walks through all that it knows for each fault: let it know these tests alone.
        asked = {name for fault in faults for name in fault.caught_by}
        for nodes in (self.manifest.nodes, self.manifest.unit_tests):
            for key, node in list(nodes.items()):
                if node.resource_type in TESTS and node.name not in asked:
                    del nodes[key]
        self.green = self.results(["build", "--selector", "one_by_one"])
        self.base = folder / "base"
        self.base.mkdir()
        self.loaders.copied(self.base)

    def dbt(self, *command: str) -> Said:
        quick = ("--no-write-json", "--cache-selected-only")
        place = ("--target-path", str(self.folder / "target"))
        said = invoke(self.warehouse, *quick, *command, *place, *self.as_of, manifest=self.manifest)
        assert said.result is not None, said.text
        return said

    def results(self, command: list[str]) -> dict[str, Seen]:
        """What dbt says of each node that the command touches, by name."""
        seen = {}
        for result in self.dbt(*command).result.results:
            node = result.node
            is_source = node.resource_type == "source"
            name = f"source:{node.source_name}.{node.name}" if is_source else node.name
            failures = getattr(result, "failures", None)
            seen[name] = Seen(str(result.status), failures or 0, result.message or "")
        return seen

    def plant(self, fault: Fault) -> dict[str, Seen]:
        """What dbt sees of a fault, planted by itself; project and warehouse are mended again."""
        for path in self.base.iterdir():
            shutil.copy(path, self.folder)
        with ExitStack() as edits:
            for plant in fault.plants:
                if isinstance(plant, Raw):
                    self._damage(plant)
                else:
                    edits.enter_context(self._edited(plant))
            seen: dict[str, Seen] = {}
            for name in fault.caught_by:
                if name.startswith("source:"):
                    seen |= self.results(["source", "freshness", "--select", name])
            if fault.tests:
                seen |= self.results(self._build(fault))
            return seen

    @contextmanager
    def _edited(self, edit: Edit) -> Iterator[None]:
        """The file as dbt has read it, changed: to parse it again takes longer than all else."""
        with ExitStack() as mended:
            found = 0
            for node in (*self.manifest.nodes.values(), *self.manifest.macros.values()):
                if node.original_file_path != edit.path:
                    continue
                if isinstance(node, SeedNode):
                    # dbt reads its rows when it runs.
                    text = (ROOT / edit.path).read_text()
                    copy = self.folder / Path(edit.path).name
                    copy.write_text(text.replace(edit.old, edit.new))
                    name, changed = "original_file_path", str(copy)
                else:
                    name = "macro_sql" if isinstance(node, Macro) else "raw_code"
                    text = getattr(node, name)
                    changed = text.replace(edit.old, edit.new)
                found += text.count(edit.old)
                mended.callback(setattr, node, name, getattr(node, name))
                setattr(node, name, changed)
            assert found == 1, f"{edit.old!r} stands {found} times in {edit.path}"
            yield

    def _damage(self, plant: Raw) -> None:
        with self.loaders.writable() as connection:
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
