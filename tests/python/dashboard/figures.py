"""What the dashboard must say, as selects: the same filters and sums, written in SQL."""

import random
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from loaders.export.charts import FOLDER
from loaders.settings import PUBLISHED as MARTS
from loaders.yaml_files import read_yaml

CHARTS = sorted(path.stem for path in (FOLDER / "charts").glob("*.yml"))
Row = dict[str, Any]


@dataclass(frozen=True)
class Filters:
    """A setting of the page's filters; `from_` and `to` are months such as 2026-06."""

    from_: str
    to: str
    organization: int | None = None
    site: int | None = None
    team: int | None = None

    @property
    def address(self) -> str:
        parts = {
            "organization": self.organization,
            "site": None if self.site is None else f"{self.organization}-{self.site}",
            "team": None if self.team is None else f"{self.organization}-{self.team}",
            "from": self.from_,
            "to": self.to,
        }
        return "#" + "&".join(f"{name}={one}" for name, one in parts.items() if one is not None)


class Source:
    """The published marts, and the queries of the charts as views."""

    def __init__(self, warehouse: Path) -> None:
        self.connection = duckdb.connect()
        self.connection.execute(f"attach '{warehouse.with_name(MARTS)}' as marts (read_only)")
        self.connection.execute("set variable with_names = false")
        for path in sorted((FOLDER / "shared").glob("*.sql")):
            self.connection.execute(f"create temp table {path.stem} as {path.read_text()}")
        for name in CHARTS:
            text = (FOLDER / "charts" / f"{name}.sql").read_text()
            self.connection.execute(f"create temp table chart_{name} as {text}")
        self.specs = {name: read_yaml(FOLDER / "charts" / f"{name}.yml") for name in CHARTS}

    def __enter__(self) -> "Source":
        return self

    def __exit__(self, *_error: object) -> None:
        self.connection.close()

    def rows(self, query: str) -> list[Row]:
        relation = self.connection.execute(query)
        names = [column[0] for column in relation.description or []]
        return [dict(zip(names, row, strict=True)) for row in relation.fetchall()]

    def columns(self, name: str) -> list[str]:
        return [row["column_name"] for row in self.rows(f"describe chart_{name}")]

    def where(self, name: str, filters: Filters) -> str:
        """The condition on the rows of a chart."""
        columns = self.columns(name)
        conditions = ["true"]
        if filters.organization is not None:
            conditions.append(f"organization_id in (0, {filters.organization})")
        if filters.site is not None and "site_location_id" in columns:
            conditions.append(f"site_location_id = {filters.site}")
        if "team_id" in columns:
            conditions.append(f"team_id is not distinct from {filters.team or 'null'}")
        if time := self.specs[name].get("time"):
            conditions += [
                f"strftime({time}, '%Y-%m') between '{filters.from_}' and '{filters.to}'",
                f"{time} between (select first_on from period) and (select last_on from period)",
            ]
        return " and ".join(conditions)

    def figures(self, name: str) -> str:
        """The columns: sums, differences, quotients of sums."""
        spec = self.specs[name]
        sums = {one: f"case when count(*) = 0 then 0 else sum({one}) end" for one in spec["sum"]}
        for one, (whole, part) in spec.get("differences", {}).items():
            sums[one] = f"{sums[whole]} - {sums[part]}"
        ratios = {
            one: f"({sums[of['numerator']]}) / nullif(({sums[of['denominator']]}), 0)"
            for one, of in spec.get("quotients", {}).items()
        }
        return ", ".join(
            f"cast({text} as double) as {one}" for one, text in {**sums, **ratios}.items()
        )

    def total(self, name: str, filters: Filters, by: str | None = None) -> list[Row]:
        """The headline figures: of the period, or of the last week of it."""
        where = self.where(name, filters)
        if self.specs[name].get("stock"):
            time = self.specs[name]["time"]
            month = f"strftime({time}, '%Y-%m')"
            where += (
                f" and {time} = (select max({time}) from chart_{name} where {month} between"
                f" '{filters.from_}' and '{filters.to}')"
            )
        group = f" group by {by} order by {by}" if by else ""
        chosen = f"{by}, " if by else ""
        return self.rows(
            f"select {chosen}{self.figures(name)} from chart_{name} where {where}{group}"
        )

    def grouped(self, name: str, filters: Filters) -> list[Row]:
        """The rows of a chart's table, in any order."""
        spec = self.specs[name]
        group = ", ".join(spec.get("table", spec["group"]))
        return self.rows(
            f"select {group}, {self.figures(name)} from chart_{name}"
            f" where {self.where(name, filters)} group by {group}"
        )

    def listed(self, name: str, filters: Filters) -> list[Row]:
        """The records of a list, first ones first."""
        sort = self.specs[name]["list"]["sort"]
        return self.rows(
            f"select * from chart_{name} where {self.where(name, filters)}"
            f" order by {sort} desc nulls last"
        )

    def counted(self, name: str, filters: Filters) -> int:
        """How many records there are of which a list holds the first."""
        groups = {"organization_id", "site_location_id", "team_id"} & set(self.columns(name))
        rows = self.rows(
            f"select {', '.join(sorted(groups))}, any_value(rows_in_all) as rows_in_all"
            f" from chart_{name} where {self.where(name, filters)} group by all"
        )
        return sum(row["rows_in_all"] for row in rows)

    def settings(self, number: int, seed: int) -> list[Filters]:
        """Random settings of the filters, the same each time."""
        draw = random.Random(seed)
        months = [
            row["month"]
            for row in self.rows(
                "select strftime(unnest(generate_series(first_on, last_on, interval 1 month)),"
                " '%Y-%m') as month from period"
            )
        ]
        sites, teams = (
            sorted({(row["organization_id"], row[key]) for row in self.rows(query)})
            for key, query in (
                ("site_location_id", "from chart_cost where site_location_id is not null"),
                ("team_id", "from chart_backlog where team_id is not null"),
            )
        )
        found = []
        for _ in range(number):
            first, last = sorted(draw.choices(range(len(months)), k=2))
            organization = draw.choice([None, *{one for one, _ in sites}])
            among_sites = [site for one, site in sites if one == organization]
            among_teams = [team for one, team in teams if one == organization]
            site = draw.choice([None, *among_sites]) if among_sites else None
            team = draw.choice([None, *among_teams]) if among_teams else None
            found.append(Filters(months[first], months[last], organization, site, team))
        return found
