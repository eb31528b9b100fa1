"""The dashboard: one HTML file beside the warehouse, made from `marts.duckdb`, for any browser.

It asks for nothing from the network: data, style and scripts are inside. A Content-Security-Policy
allows only these scripts, by their hash.
"""

import base64
import hashlib
import json
import logging
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from html import escape
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import duckdb

from loaders.errors import LoaderError, NoDataError, SettingsError, explained
from loaders.export.charts import FOLDER, Chart, Table, read_charts
from loaders.settings import PUBLISHED as MARTS
from loaders.settings import dbt_folder
from loaders.warehouse.file import attach, in_memory
from loaders.yaml_files import read_yaml

log = logging.getLogger(__name__)

FILE = "dashboard.html"
PAGE = FOLDER / "page"
SCRIPTS = ("figures.js", "page.js")
MEMORY_MB = 512

ORGANIZATIONS = """
select organization_id, organization_name, currency, as_of_at
from marts.dim_organizations
order by organization_name, organization_id
"""
SITES = """
select distinct organization_id, site_location_id, site_label
from marts.dim_locations
where site_location_id is not null
order by site_label, organization_id, site_location_id
"""
TEAMS = """
select organization_id, team_id, team_name
from marts.dim_teams
order by team_name, organization_id, team_id
"""


@dataclass(frozen=True)
class Plant:
    """What a dashboard or a report shows: the charts, and the names to filter by."""

    charts: list[Chart]
    organizations: list[dict[str, Any]]
    sites: list[dict[str, Any]]
    teams: list[dict[str, Any]]
    as_of_at: str | None
    published_at: str | None
    first_month: str | None
    last_month: str | None


def write_dashboard(warehouse: Path, with_names: bool = False) -> Path:
    """Write dashboard.html beside the warehouse; gives its path.

    Raises SettingsError where vl-convert-python is not installed, NoDataError without
    marts.duckdb, LoaderError if a chart cannot be read or the file cannot be written.
    """
    target = warehouse.with_name(FILE)
    write(target, page(read_plant(warehouse, with_names)).encode())
    return target


def refresh(warehouse: Path) -> None:
    """Write dashboard.html after a publish; a failure is logged and fails nothing."""
    try:
        log.info("%s written", write_dashboard(warehouse))
    except (LoaderError, OSError, duckdb.Error) as error:
        log.warning("%s not written: %s", FILE, explained(error) or error)


def write(target: Path, content: bytes) -> None:
    """Write a file atomically. Raises LoaderError if that fails; the former file then stays."""
    unfinished = target.with_name(f".{target.name}.unfinished")
    try:
        unfinished.write_bytes(content)
        unfinished.replace(target)
    except OSError as error:
        unfinished.unlink(missing_ok=True)
        raise explained(error, f"{target} was not replaced") or error from None


def read_plant(warehouse: Path, with_names: bool) -> Plant:
    """Read all charts from the published marts."""
    with _opened(warehouse) as connection:
        charts = read_charts(connection, with_names)
        organizations = _records(connection, ORGANIZATIONS)
        met = {key: _met(charts, key) for key in ("site_location_id", "team_id")}
        sites = [
            {"organization_id": organization, "site_location_id": 0, "site_label": "No location"}
            for organization, site in sorted(met["site_location_id"])
            if site == 0
        ]
        sites = [
            one
            for one in [*_records(connection, SITES), *sites]
            if (one["organization_id"], one["site_location_id"]) in met["site_location_id"]
        ]
        teams = [
            one
            for one in _records(connection, TEAMS)
            if (one["organization_id"], one["team_id"]) in met["team_id"]
        ]
        found = connection.execute(
            "select max(as_of_at), max(published_at) from marts.main._published"
        ).fetchone()
        as_of_at, published_at = found or (None, None)
        first, last = connection.execute(
            "select strftime(first_on, '%Y-%m'), strftime(last_on, '%Y-%m') from period"
        ).fetchall()[0]
    return Plant(
        charts,
        organizations,
        sites,
        teams,
        as_of_at and as_of_at.isoformat(timespec="minutes"),
        published_at and published_at.isoformat(timespec="minutes"),
        first,
        last,
    )


@contextmanager
def _opened(warehouse: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection in which the published copy is the database `marts`."""
    path = warehouse.with_name(MARTS)
    if not path.exists():
        raise NoDataError(f"there is no {path} yet: run `make build` first")
    with closing(in_memory(MEMORY_MB, f"{path}.dashboard.spill")) as connection:
        attach(connection, path, "marts", read_only=True)
        try:
            yield connection
        except duckdb.Error as error:
            raise explained(error, f"{path} could not be read") or error from None


def _records(connection: duckdb.DuckDBPyConnection, query: str) -> list[dict[str, Any]]:
    relation = connection.execute(query)
    names = [column[0] for column in relation.description or []]
    return [dict(zip(names, row, strict=True)) for row in relation.fetchall()]


def _met(charts: list[Chart], key: str) -> set[tuple[int, int]]:
    """Pairs of organization and site, or team, that a chart has rows of."""
    return {
        pair
        for chart in charts
        if key in chart.table
        for pair in zip(chart.table["organization_id"], chart.table[key], strict=True)
        if pair[1] is not None
    }


def page(plant: Plant) -> str:
    """The HTML page."""
    theme = read_yaml(PAGE / "theme.yml")
    style = _variables(theme) + (PAGE / "page.css").read_text(encoding="utf-8")
    scripts = [_vega(), *((PAGE / name).read_text(encoding="utf-8") for name in SCRIPTS)]
    names = ", ".join(one["organization_name"] or "" for one in plant.organizations)
    policy = "; ".join(
        [
            "default-src 'none'",
            "script-src " + " ".join(map(_hash, scripts)),
            "style-src " + _hash(style),
            "img-src data:",
            "base-uri 'none'",
            "form-action 'none'",
        ]
    )
    parts = {
        "policy": policy,
        "title": escape(f"Maintenance: {names}" if names else "Maintenance"),
        "style": f"<style>{style}</style>",
        "data": f'<script type="application/json" id="data">{_json(_data(plant, theme))}</script>',
        "scripts": "\n".join(f"<script>{script}</script>" for script in scripts),
    }
    text = (PAGE / "page.html").read_text(encoding="utf-8")
    for name, part in parts.items():
        before, _, after = text.partition(f"{{{{ {name} }}}}")
        text = before + part + after
    return text


def _data(plant: Plant, theme: dict[str, Any]) -> dict[str, Any]:
    return {
        "as_of_at": plant.as_of_at,
        "published_at": plant.published_at,
        "first_month": plant.first_month,
        "last_month": plant.last_month,
        "theme": theme,
        "config": read_yaml(PAGE / "config.yml"),
        "organizations": [
            {"id": one["organization_id"], "name": one["organization_name"]}
            for one in plant.organizations
        ],
        "sites": [
            {
                "organization": one["organization_id"],
                "id": one["site_location_id"],
                "name": one["site_label"],
            }
            for one in plant.sites
        ],
        "teams": [
            {
                "organization": one["organization_id"],
                "id": one["team_id"],
                "name": one["team_name"],
            }
            for one in plant.teams
        ],
        "charts": [
            {"name": chart.name, **chart.spec, "rows": _compact(chart.table)}
            for chart in plant.charts
        ],
    }


def _compact(table: Table) -> dict[str, Any]:
    """Columns of text as a list of their words and the place of each row's word in it."""
    compact: dict[str, Any] = {}
    for name, values in table.items():
        if any(isinstance(value, str) for value in values):
            words = list(dict.fromkeys(values))
            places = {word: place for place, word in enumerate(words)}
            compact[name] = {"words": words, "places": [places[value] for value in values]}
        else:
            compact[name] = values
    return compact


def _json(value: Any) -> str:
    """JSON that cannot end the script element that it stands in."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.replace("<", "\\u003c")


def _hash(content: str) -> str:
    digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
    return f"'sha256-{digest}'"


def _variables(theme: dict[str, Any]) -> str:
    light, dark = (
        "".join(f"--{name}:{colour};" for name, colour in theme[one].items())
        for one in ("light", "dark")
    )
    return f":root{{{light}}}@media screen and (prefers-color-scheme:dark){{:root{{{dark}}}}}"


def vl_convert() -> ModuleType:
    """The package vl-convert-python. Raises SettingsError where it is not installed."""
    try:
        return import_module("vl_convert")
    except ImportError:
        raise SettingsError(
            "vl-convert-python is not installed: run .venv/bin/python -m pip install '.[dashboard]'"
        ) from None


@cache
def _vega() -> str:
    """Vega, Vega-Lite and Vega-Embed, from the package, which takes more than a second to bundle
    them: the bundle of its version is kept in dbt's folder for generated files.
    """
    converter = vl_convert()
    kept = dbt_folder("DBT_TARGET_PATH") / f"vega-{converter.__version__}.js"
    with suppress(OSError):
        return kept.read_text(encoding="utf-8")
    bundle: str = converter.javascript_bundle(snippet="window.vegaEmbed = vegaEmbed;")
    if "</script" in bundle.lower():
        raise LoaderError("the JavaScript of vl-convert-python cannot stand in a page: report this")
    with suppress(LoaderError):
        write(kept, bundle.encode())
    return bundle
