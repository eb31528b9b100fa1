"""The lists of MaintainX: each place that names them names the same ones."""

from typing import Any

import pytest
from jinja2 import Environment

from loaders.maintainx.catalogue import CATALOGUE, CUSTOM_FIELD_ENTITIES, DETAILS, TABLES
from tests.support.dbt_in_process import ROOT, parsed

PREFIX = "custom_fields_"
OWN_LISTS = {name for name in CATALOGUE if not name.startswith(PREFIX)}
STAGED = OWN_LISTS | set(DETAILS)


@pytest.fixture(scope="module")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return parsed(tmp_path_factory.getbasetemp() / "dbt")


def returned(macro: str) -> Any:
    """What a macro without arguments returns."""
    text = (ROOT / f"macros/maintainx/{macro}.sql").read_text()
    kept: list[Any] = []
    environment = Environment(autoescape=False)  # noqa: S701  no HTML is made here
    environment.globals["return"] = kept.append
    getattr(environment.from_string(text).module, macro)()
    return kept[0]


def sources_of(manifest: Any, *nodes: str) -> set[str]:
    """Raw tables of lists that the nodes read."""
    read = {
        key
        for node in manifest.nodes.values()
        if node.name in nodes
        for key in node.depends_on_nodes
        if key.startswith("source.")
    }
    return {manifest.sources[key].name for key in read if not key.split(".")[-1].startswith("_")}


def test_sources_are_the_catalogue(manifest: Any) -> None:
    tables = {key.name for key in manifest.sources.values() if key.source_name == "maintainx"}
    assert {name for name in tables if not name.startswith("_")} == set(TABLES)


def test_list_models_is_the_catalogue() -> None:
    assert {name for name, _ in returned("list_models")} == OWN_LISTS
    assert [name for name, _ in returned("detail_models")] == list(DETAILS)


def test_custom_field_entities_are_the_catalogue() -> None:
    assert returned("custom_field_entities") == CUSTOM_FIELD_ENTITIES


def test_every_list_has_a_staging_model(manifest: Any) -> None:
    """One that reads its raw table, and that is unique by the id that list_models states."""
    read = {name: sources_of(manifest, f"stg_maintainx__{name}") for name in STAGED}
    assert read == {name: {name} for name in STAGED}
    assert sources_of(manifest, "stg_maintainx__custom_fields") == set(CATALOGUE) - OWN_LISTS
    keys = {
        node.attached_node.split(".")[-1]: node.test_metadata.kwargs["columns"]
        for node in manifest.nodes.values()
        if getattr(node, "attached_node", None)
        and getattr(node, "test_metadata", None)
        and node.test_metadata.name == "unique_key"
    }
    for name, column in returned("list_models") + returned("detail_models"):
        expected = {"organization_id", column}
        assert set(keys[f"stg_maintainx__{name}"]) == expected, name


@pytest.mark.parametrize(
    "guard",
    [
        "dq_schema_drift",
        "rows_landed_twice",
        "log_unlike_its_runs",
        "staging_against_raw",
        "fields_against_raw",
    ],
)
def test_every_guard_reads_every_list(manifest: Any, guard: str) -> None:
    assert sources_of(manifest, guard) == set(TABLES)


def test_known_keys_are_of_every_list() -> None:
    rows = (ROOT / "seeds/known_keys.csv").read_text().splitlines()[1:]
    assert {row.split(",")[0] for row in rows} == set(TABLES)
