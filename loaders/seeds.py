"""The header of each seed, before dbt reads it: dbt would only name a model that lacks a column."""

import csv

from loaders.errors import SettingsError
from loaders.settings import PROJECT
from loaders.yaml_files import read_yaml

SEEDS = PROJECT / "seeds"


def require_columns() -> None:
    """Raises SettingsError for a seed without a column that seeds.yml declares, or not in UTF-8."""
    for seed in read_yaml(SEEDS / "seeds.yml")["seeds"]:
        path = SEEDS / f"{seed['name']}.csv"
        if not path.exists():
            continue
        try:
            with path.open(encoding="utf-8-sig", newline="") as file:
                header = [name.strip() for name in next(csv.reader(file), [])]
                file.read()
        except UnicodeDecodeError:
            raise SettingsError(f"{path} is not UTF-8: save it as CSV in UTF-8") from None
        declared = [column["name"] for column in seed["columns"]]
        if missing := [name for name in declared if name not in header]:
            found = ",".join(header)
            to_do = (
                "separate columns with commas, not semicolons"
                if ";" in found
                else f"the first line must be {','.join(declared)}"
            )
            raise SettingsError(f"{path} has no column {', '.join(missing)}: {to_do}")
