"""What the last whole build was made from: a cycle without news need not build again."""

import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path

import duckdb

from loaders.settings import PROJECT, PUBLISHED, SECRETS
from loaders.warehouse.file import now, one_row, paths_of, reading

# What a build and the publishing are made from, of the project.
MADE_FROM = ("dbt_project.yml", "profiles.yml", "selectors.yml")
FOLDERS = ("models", "seeds", "macros", "tests/dbt", "loaders", "dashboard")
SETTINGS = ("DBT_", "MAINTAINX_")

NEWS = """
select exists (
    select 1 from raw._run_resources
    where ended_at >= $at
        and (inserted + updated + deleted + rejected > 0 or state not in ('done', 'forbidden'))
) or exists (
    select 1 from raw._runs
    where state != 'done' and coalesce(ended_at, started_at) >= $at
)
"""

OTHER_DAY = """
select exists (
    select 1
    from (
        select time_zone from marts.dim_organizations
        union
        select time_zone from marts.dim_locations
    )
    where timezone(time_zone, timezone('UTC', $at))::date
        != timezone(time_zone, timezone('UTC', $now))::date
)
"""


@dataclass(frozen=True)
class Start:
    """A whole build at its start. at: UTC. project: a hash of the project's files and settings."""

    at: datetime
    project: str


def start() -> Start:
    """The start of a whole build: later changes of data or project are news."""
    return Start(now(), _project(PROJECT))


def keep(warehouse: Path, begun: Start) -> None:
    """Note that a whole build was published. Without the note, the next cycle builds again."""
    path = _path(warehouse)
    unfinished = path.with_name(f"{path.name}.unfinished")
    try:
        note = {**asdict(begun), "at": begun.at.isoformat(), "files": _files(warehouse)}
        unfinished.write_text(json.dumps(note))
        unfinished.replace(path)
    except OSError:
        path.unlink(missing_ok=True)


def still_holds(warehouse: Path, within: timedelta) -> datetime | None:
    """The start of the last whole build, where another one would give the same; else None.

    It would not where data, project, settings or the files have changed since, where it is older
    than `within`, and where another day has begun at a site or an organization.
    """
    try:
        note = json.loads(_path(warehouse).read_text())
        at = datetime.fromisoformat(note["at"])
        is_same = note["project"] == _project(PROJECT) and note["files"] == _files(warehouse)
    except (OSError, ValueError, LookupError, TypeError):
        return None
    if not is_same or not timedelta() <= now() - at < within:
        return None
    with reading(warehouse, "raw", "warehouse") as connection:
        try:
            (is_news,) = one_row(connection, NEWS, {"at": at})
            (is_other_day,) = one_row(connection, OTHER_DAY, {"at": at, "now": now()})
        except duckdb.CatalogException:
            return None
    return None if is_news or is_other_day else at


def _path(warehouse: Path) -> Path:
    return warehouse.with_name(f"{warehouse.name}.built")


def _files(warehouse: Path) -> dict[str, list[int]]:
    """The warehouse and the published marts as they are: whoever writes one changes its time."""
    path = paths_of(warehouse)["warehouse"]
    # What a killed program wrote to the warehouse is in its log of writes.
    log = path.with_name(f"{path.name}.wal")
    logs = [log] if log.exists() else []
    stats = {one.name: one.stat() for one in (path, warehouse.with_name(PUBLISHED), *logs)}
    return {name: [stat.st_mtime_ns, stat.st_size] for name, stat in stats.items()}


def _project(folder: Path) -> str:
    digest = hashlib.sha256()
    for path in _sources(folder):
        digest.update(f"{path.relative_to(folder)} {path.stat().st_size}\n".encode())
        digest.update(path.read_bytes())
    for name, value in sorted(os.environ.items()):
        if name.startswith(SETTINGS) and name not in SECRETS:
            digest.update(f"{name}={value}\n".encode(errors="surrogateescape"))
    return digest.hexdigest()


def _sources(folder: Path) -> Iterator[Path]:
    yield from (folder / name for name in MADE_FROM if (folder / name).exists())
    for name in FOLDERS:
        found = (folder / name).rglob("*")
        yield from sorted(
            path for path in found if path.is_file() and path.parent.name != "__pycache__"
        )
