"""What leaves the warehouse as files is what the marts say, whole and bounded in memory."""

import csv
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml  # type: ignore[import-untyped]

from loaders.export import marts
from loaders.export.marts import WORK_ORDERS
from sandbox import Dataset, Sandbox
from tests.python.conftest import Plant, make_plant
from tests.python.loaders.conftest import ROOT, Loaders

pytestmark = pytest.mark.xdist_group("export")

ROWS = 1_000_000
LIMIT_MB = 340
AS_IT_IS = ("csv", "work_orders", "--raw-formulas", "--personal-data")
STRANGER = "stranger@elsewhere.example"

TITLES = {
    900001: 'He said "stop", then left',
    900002: "First line\nsecond line, with a comma",
    900003: "Carriage\r\nreturn",
    900004: "Pump 🛠️ läuft – 日本",
    900005: '=HYPERLINK("https://elsewhere.example","click")',
    900006: "+49 30 1234",
    900007: "-2+3",
    900008: "@SUM(1)",
    900009: "\tTab",
    900010: "\rReturn",
    900011: "'=quoted already",
    900012: "x" * 40_000,
    900013: "＝1+1",
    900014: "＋1",
    900015: "－1",
    900016: "＠SUM(1)",
    900017: "\nLine feed",
    900018: "  =1+1",
    900019: "\u3000\u200b＝1+1",
    900020: " 7 = 7",
}
FORMULAS = {*range(900005, 900011), *range(900013, 900020)}

RUN_AND_MEASURE = """
import resource, subprocess, sys
code = subprocess.run([sys.executable, "-m", "loaders", *sys.argv[1:], "-q"]).returncode
print(code, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024)
"""


@pytest.fixture(scope="module")
def plant(tmp_path_factory: pytest.TempPathFactory, dataset: Dataset) -> Iterator[Plant]:
    sandbox = Sandbox(dataset)
    organization = sandbox.organization_ids[0]
    for number, title in TITLES.items():
        sandbox.raw_record("work_orders", organization, order(number, title))
    for made in make_plant(sandbox, tmp_path_factory.mktemp("plant")):
        made.build("--resource-type", "seed", "--resource-type", "model")
        yield made


def order(number: int, title: str) -> str:
    assignees = [{"type": "USER", "id": STRANGER}]
    return json.dumps(
        {
            "id": number,
            "title": title,
            "status": "DONE",
            "createdAt": "2024-03-01T08:00:00.000Z",
            "completedAt": "2024-03-01T10:20:00.500Z",
            "updatedAt": "2024-03-01T10:20:00.500Z",
            "assignees": assignees,
        }
    )


@pytest.fixture
def loaders(plant: Plant, tmp_path: Path) -> Loaders:
    """The command line against a warehouse that is built, to spoil at will."""
    copy = plant.loaders.copied(tmp_path)
    return Loaders(plant.loaders.sandbox, "", copy, {"MAINTAINX_API_KEY": None})


def export(loaders: Loaders, *arguments: str, expect: int = 0) -> Path:
    out = loaders.warehouse.parent / "out"
    loaders.run("export", *arguments, "--out", str(out), expect=expect)
    return out


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


def expected(loaders: Loaders) -> list[dict[str, str]]:
    """The mart as the CSV must say it, made by other means than the export's."""
    columns = ", ".join(WORK_ORDERS.values())
    rows = loaders.query(
        f"select {columns} from marts.fct_work_orders order by organization_id, work_order_id"
    )
    return [dict(zip(WORK_ORDERS, map(text_of, WORK_ORDERS, row), strict=True)) for row in rows]


def text_of(title: str, value: Any) -> str:
    if value is None:
        return ""
    if title in ("Created", "Completed"):
        text: str = value.isoformat()
        return re.sub(r"(\.\d*?)0+$", r"\1", text) + "Z"
    if title == "Duration (hrs)":
        return f"{value:.2f}"
    return str(value)


def test_the_work_orders_read_back_by_python_equal_the_mart(loaders: Loaders) -> None:
    path = export(loaders, *AS_IT_IS) / "work_orders.csv"
    rows = read(path)
    assert list(rows[0]) == [
        "ID",
        "Title",
        "Status",
        "Priority",
        "Asset",
        "Location",
        "Assignees",
        "Created",
        "Completed",
        "Duration (hrs)",
    ]
    assert rows == expected(loaders)
    planted = {row["ID"]: row for row in rows if int(row["ID"]) in TITLES}
    assert {int(number): row["Title"] for number, row in planted.items()} == TITLES
    assert planted["900001"]["Created"] == "2024-03-01T08:00:00Z"
    assert planted["900001"]["Completed"] == "2024-03-01T10:20:00.5Z"
    assert planted["900001"]["Duration (hrs)"] == "2.33"
    data = path.read_bytes()
    assert data.startswith(b'"ID","Title",')
    assert data.endswith(b'"\r\n')
    assert not data.startswith(b"\xef\xbb\xbf")


def test_the_work_orders_read_back_by_duckdb_equal_the_mart(loaders: Loaders) -> None:
    path = export(loaders, *AS_IT_IS) / "work_orders.csv"
    with duckdb.connect() as connection:
        relation = connection.execute(
            f"select * from read_csv('{path}', header = true, all_varchar = true, delim = ',',"
            " quote = '\"', escape = '\"', new_line = '\\r\\n', max_line_size = 1000000)"
        )
        head = [column[0] for column in relation.description or []]
        rows = [
            dict(zip(head, (cell or "" for cell in row), strict=True))
            for row in relation.fetchall()
        ]
    assert rows == expected(loaders)


def test_libreoffice_reads_the_csv_as_it_is_and_runs_no_formula(loaders: Loaders) -> None:
    office = shutil.which("soffice")
    if office is None:
        pytest.skip("soffice is not installed: apt-get install libreoffice-calc")
    for name in ("csv", "xlsx"):
        out = export(loaders, name, "work_orders", "--where", "work_order_id != 900012")
        converted = out / "converted"
        # 44 = comma, 34 = quote, 76 = UTF-8; every column of the CSV is read as text.
        texts = "/".join(f"{number}/2" for number in range(1, 11))
        reading = [f"--infilter=CSV:44,34,76,1,{texts}"] if name == "csv" else []
        subprocess.run(
            [
                office,
                f"-env:UserInstallation=file://{loaders.warehouse.parent / 'profile'}",
                "--headless",
                *reading,
                "--convert-to",
                "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false",
                "--outdir",
                str(converted),
                str(out / f"work_orders.{name}"),
            ],
            check=True,
            capture_output=True,
            timeout=180,
        )
        found = {row["ID"]: row for row in read(converted / "work_orders.csv")}
        wanted = [row for row in expected(loaders) if row["ID"] != "900012"]
        assert len(found) == len(wanted)
        for row in wanted:
            title = row["Title"]
            if name == "csv" and int(row["ID"]) in FORMULAS:
                title = f"'{title}"
            # A cell of a spreadsheet has one kind of line end.
            read_title = found[row["ID"]]["Title"]
            assert re.sub(r"\r\n?", "\n", read_title) == re.sub(r"\r\n?", "\n", title), name
            assert found[row["ID"]]["Location"] == row["Location"]


def test_cells_that_a_spreadsheet_would_run_are_made_harmless(loaders: Loaders) -> None:
    rows = read(export(loaders, "csv", "work_orders") / "work_orders.csv")
    planted = {int(row["ID"]): row["Title"] for row in rows if int(row["ID"]) in TITLES}
    for number, title in TITLES.items():
        guard = "'" if number in FORMULAS else ""
        assert planted[number] == guard + title
    with loaders.writable() as connection:
        connection.execute("update marts.fct_work_orders set duration_hours = -1.005")
    rows = read(export(loaders, "csv", "work_orders") / "work_orders.csv")
    assert {row["Duration (hrs)"] for row in rows} == {"-1.00"}


def test_csv_for_excel_has_semicolons_decimal_commas_and_a_byte_order_mark(
    loaders: Loaders,
) -> None:
    path = export(loaders, "csv", "work_orders", "--excel") / "work_orders.csv"
    assert path.read_bytes().startswith(b'\xef\xbb\xbf"ID";"Title";')
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = {row["ID"]: row for row in csv.DictReader(file, delimiter=";", strict=True)}
    assert rows["900001"]["Duration (hrs)"] == "2,33"
    assert rows["900013"]["Title"] == "'＝1+1"
    assert len(rows) == len(expected(loaders))


@pytest.mark.slow
def test_a_table_without_yaml_does_not_leave_and_is_named(loaders: Loaders) -> None:
    with loaders.writable() as connection:
        connection.execute(
            "create table marts.old_people as select 'ada@plant.example' as address;"
            "create view marts.my_view as select address from marts.old_people;"
        )
    out = loaders.warehouse.parent / "out"
    folder = ("--out", str(out), "--quiet")
    commands: list[tuple[str, ...]] = [("publish", "--parquet", "--quiet")]
    for kind in ("csv", "parquet", "xlsx"):
        commands.append(("export", kind, *folder, *(["--all"] if kind == "xlsx" else [])))
    for command in commands:
        told = loaders.run(*command, *(["--personal-data"] if command[1] == "csv" else [])).stderr
        assert re.fullmatch(r"\S+ not exported, .* it: my_view, old_people\n", told), command
    assert [path for path in out.iterdir() if path.stem in ("old_people", "my_view")] == []
    with zipfile.ZipFile(out / "marts.xlsx") as book:
        assert "old_people" not in book.read("xl/workbook.xml").decode()
    with duckdb.connect(str(loaders.warehouse.with_name("marts.duckdb"))) as connection:
        names = {row[0] for row in connection.execute("show tables").fetchall()}
    assert names & {"dim_users", "old_people", "my_view"} == {"dim_users"}
    refused = loaders.run("export", "csv", "old_people", *folder, expect=2).stderr
    assert refused.startswith("error: old_people is not exported")


def test_every_mart_leaves_without_personal_data(loaders: Loaders) -> None:
    marts = {
        row[0]
        for row in loaders.query(
            "select table_name from information_schema.tables where table_schema = 'marts'"
        )
    }
    mailed = {
        row[0] for row in loaders.query("select email from marts.dim_users where email is not null")
    }
    addresses = mailed | {
        row[0]
        for row in loaders.query(
            "select assignee_id from marts.bridge_work_order_assignees where assignee_id like '%@%'"
        )
    }
    numbers = {
        row[0]
        for row in loaders.query(
            "select phone_number from marts.dim_users where phone_number is not null"
        )
    }
    out = export(loaders, "csv")
    assert {path.stem for path in out.glob("*.csv")} == marts | {"work_orders"}
    everything = "".join(path.read_text(encoding="utf-8") for path in out.glob("*.csv"))
    assert STRANGER in addresses - mailed
    assert [one for one in addresses | numbers if one in everything] == []
    for name in ("dim_users", "dim_users_history"):
        columns = read(out / f"{name}.csv")[0]
        assert "full_name" in columns
        assert not {"email", "phone_number", "hourly_rate"} & set(columns)
    assert "(address 4bdc44bd)" in (out / "work_orders.csv").read_text(encoding="utf-8")
    asked_for = export(loaders, "csv", "dim_users", "work_orders", "--personal-data")
    users = read(asked_for / "dim_users.csv")
    assert {row["email"] for row in users} - {""} == mailed
    assert any(float(row["hourly_rate"] or 0) for row in users)
    assert STRANGER in (asked_for / "work_orders.csv").read_text(encoding="utf-8")


def test_columns_that_sound_personal_are_declared() -> None:
    undeclared = []
    for path in (ROOT / "models" / "marts").rglob("*.yml"):
        for model in yaml.safe_load(path.read_text(encoding="utf-8")).get("models", []):
            for column in model["columns"]:
                meta = column.get("config", {}).get("meta", {})
                sounds = re.search(
                    r"e_?mail|phone|contact|assignee_(id|name)|hourly_rate|wage|salary",
                    column["name"],
                )
                if sounds and "personal" not in meta:
                    undeclared.append(f"{model['name']}.{column['name']}")
    assert undeclared == []


def test_parquet_holds_the_mart_with_its_types(loaders: Loaders) -> None:
    out = export(loaders, "parquet", "fct_work_orders", "--personal-data")
    with duckdb.connect(str(loaders.warehouse), read_only=True) as connection:
        file = f"'{out / 'fct_work_orders.parquet'}'"
        for one, other in (
            (f"from {file}", "from marts.fct_work_orders"),
            ("from marts.fct_work_orders", f"from {file}"),
        ):
            assert connection.execute(f"{one} except all {other}").fetchall() == []
        types = "select column_name, column_type from (describe from {})"
        assert (
            connection.execute(types.format(file)).fetchall()
            == connection.execute(types.format("marts.fct_work_orders")).fetchall()
        )


def test_the_workbook_has_a_sheet_a_mart_and_cuts_what_no_cell_holds(loaders: Loaders) -> None:
    out = loaders.warehouse.parent / "out"
    names = ["work_orders", "dim_organizations"]
    told = loaders.run("export", "xlsx", *names, "--out", str(out)).stdout
    assert "1 texts cut to Excel's 32,767 characters" in told
    with zipfile.ZipFile(out / "marts.xlsx") as book:
        sheets = re.findall(r'<sheet name="([^"]+)"', book.read("xl/workbook.xml").decode())
        content = book.read("xl/worksheets/sheet2.xml").decode()
        styles = book.read("xl/styles.xml").decode()
    assert sheets == ["contents", "work_orders", "dim_organizations"]
    assert "<f>" not in content
    assert "=HYPERLINK(" in content
    # Such a cell stays text when a person edits it: its style says so.
    quoted = {
        number
        for number, style in enumerate(re.findall(r"<xf [^>]*>", styles.split("<cellXfs")[1]))
        if 'quotePrefix="1"' in style
    }
    starts = re.findall(r'<c r="B\d+"(?: s="(\d+)")? t="inlineStr"><is><t[^>]*>([^<]*)', content)
    plain = [text for style, text in starts if int(style or 0) not in quoted]
    assert len(starts) - len(plain) >= len(FORMULAS)
    assert [text for text in plain if re.match(r"\s*[=+\-@＝＋－＠]", text)] == []
    with loaders.writable() as connection:
        connection.execute(
            "create or replace table marts.dim_dates as select range as day from range(1048576)"
        )
    refused = loaders.run("export", "xlsx", "dim_dates", "--out", str(out), expect=2)
    assert "dim_dates has 1,048,576 rows" in refused.stderr
    assert not (out / "dim_dates.xlsx").exists()


def test_a_workbook_without_names_is_for_people(loaders: Loaders) -> None:
    out = loaders.warehouse.parent / "out"
    told = loaders.run("export", "xlsx", "--out", str(out)).stderr
    with zipfile.ZipFile(out / "marts.xlsx") as book:
        parts = {name: book.read(name).decode() for name in book.namelist()}
    sheets = re.findall(r'<sheet name="([^"]+)"', parts["xl/workbook.xml"])
    reports = loaders.query(
        "select table_name from information_schema.tables"
        " where table_schema = 'marts' and table_name like 'mart\\_%' escape '\\' order by 1"
    )
    assert sheets == ["contents", "work_orders", *(name for (name,) in reports)]
    assert re.findall(r"\d (\w+) written in", told) == sheets[1:]
    # A link from the contents sheet to each other sheet.
    targets = re.findall(r'<hyperlink ref="A\d+" location="([^"]+)"', sheet(parts, sheets, 0))
    assert targets == [f"'{name}'!A1" for name in sheets[1:]]
    # Header and first row of a report: ratios have the number format of a percentage.
    compliance = sheet(parts, sheets, sheets.index("mart_pm_compliance_monthly"))
    columns = [
        name
        for (name,) in loaders.query(
            "select column_name from information_schema.columns where table_schema = 'marts'"
            " and table_name = 'mart_pm_compliance_monthly' order by ordinal_position"
        )
    ]
    place = columns.index("compliance")
    (share,) = loaders.query(
        "select compliance from marts.mart_pm_compliance_monthly where compliance is not null"
        " order by organization_id, month_start_on, site_location_id limit 1"
    )[0]
    found = re.findall(rf'<c r="{chr(65 + place)}\d+" s="(\d+)"><v>([^<]+)</v>', compliance)
    assert found
    assert float(found[0][1]) == pytest.approx(share)
    assert {number_format(parts, int(style)) for style, _ in found} == {"0.0%"}
    # A URL is a link that leaves the workbook.
    place = sheets.index("mart_overdue_work_orders")
    (overdue,) = loaders.query("select count(*) from marts.mart_overdue_work_orders")[0]
    assert len(re.findall("<hyperlink ", sheet(parts, sheets, place))) == overdue > 0
    links = parts[f"xl/worksheets/_rels/sheet{place + 1}.xml.rels"]
    assert links.count('Target="https://app.getmaintainx.com/workorders/') == overdue
    for number in range(len(sheets)):
        assert 'orientation="landscape"' in sheet(parts, sheets, number)
        assert 'topLeftCell="A2" activePane="bottomLeft" state="frozen"' in sheet(
            parts, sheets, number
        )


def sheet(parts: dict[str, str], sheets: list[str], place: int) -> str:
    assert len(sheets) > place
    return parts[f"xl/worksheets/sheet{place + 1}.xml"]


def number_format(parts: dict[str, str], style: int) -> str:
    """The number format of a cell's style, for formats that Excel has no number for."""
    styles = parts["xl/styles.xml"]
    formats = dict(re.findall(r'<numFmt numFmtId="(\d+)" formatCode="([^"]+)"', styles))
    cells = re.search(r"<cellXfs.*?</cellXfs>", styles, re.DOTALL)
    assert cells is not None
    found: str = formats[re.findall(r'<xf numFmtId="(\d+)"', cells[0])[style]]
    return found


def test_all_marts_are_in_a_workbook_on_demand(loaders: Loaders) -> None:
    out = export(loaders, "xlsx", "--all", "--where", "false")
    marts = loaders.query(
        "select count(*) from information_schema.tables where table_schema = 'marts'"
    )
    with zipfile.ZipFile(out / "marts.xlsx") as book:
        sheets = re.findall(r'<sheet name="([^"]+)"', book.read("xl/workbook.xml").decode())
    assert sheets[:2] == ["contents", "work_orders"]
    assert marts == [(len(sheets) - 2,)]


def test_a_terminal_shows_a_progress_bar(loaders: Loaders) -> None:
    terminal, slave = os.openpty()
    process = subprocess.run(
        [sys.executable, "-m", "loaders", "export", "csv", "dim_teams", "dim_users"],
        cwd=ROOT,
        env=loaders.environment | {"TERM": "xterm", "COLUMNS": "120"},
        stderr=slave,
        stdout=subprocess.PIPE,
        check=False,
    )
    os.close(slave)
    shown = os.read(terminal, 65_536).decode()
    os.close(terminal)
    assert process.returncode == 0, shown
    assert "2/2" in shown
    assert "written in" not in shown


@pytest.mark.sampled
@pytest.mark.parametrize("kind", ["csv", "parquet", "xlsx"])
def test_two_exports_are_the_same_bytes(loaders: Loaders, kind: str) -> None:
    first = {path.name: path.read_bytes() for path in export(loaders, kind).glob(f"*.{kind}")}
    time.sleep(1.1)
    second = {path.name: path.read_bytes() for path in export(loaders, kind).glob(f"*.{kind}")}
    assert first
    assert first == second


def test_rows_by_condition_and_by_change(loaders: Loaders) -> None:
    out = export(loaders, "csv", "work_orders", "--where", "work_order_id = 900001 -- one")
    assert [row["ID"] for row in read(out / "work_orders.csv")] == ["900001"]
    (middle,) = loaders.query("select median(updated_at) from marts.fct_work_orders")[0]
    out = export(loaders, "csv", "fct_work_orders", "--since", middle.isoformat())
    changed = loaders.query(
        f"select count(*) from marts.fct_work_orders where updated_at >= '{middle}'"
    )
    assert [(len(read(out / "fct_work_orders.csv")),)] == changed


@pytest.mark.parametrize(
    ("arguments", "told", "code"),
    [
        (["csv", "wrok_orders"], "no such mart: wrok_orders (did you mean work_orders?);", 2),
        (["csv", "nothing"], "there are work_orders, bridge_", 2),
        (["csv", "dim_dates", "--since", "2025-01-01"], "which dim_dates lacks", 2),
        (["csv", "work_orders", "--where", "colour = 'red'"], "does not fit work_orders", 2),
        (["csv", "work_orders", "--where", "title = "], "--where is no condition in SQL", 2),
        (["csv", "work_orders", "--where", "cast(title as int) = 1"], "nothing was exported", 1),
        (["csv", "dim_teams"], "dim_teams is not built yet: run `make build` first", 1),
    ],
)
def test_what_cannot_be_exported_is_told_in_a_line(
    loaders: Loaders, arguments: list[str], told: str, code: int
) -> None:
    with loaders.writable() as connection:
        connection.execute("drop table marts.dim_teams")
    out = loaders.warehouse.parent / "out"
    process = loaders.run("export", *arguments, "--out", str(out), expect=code)
    assert told in process.stderr
    assert process.stderr.count("\n") == 1
    assert list(out.glob("*.csv")) == []


def test_a_condition_that_some_marts_do_not_take_names_them_and_those_that_do(
    loaders: Loaders,
) -> None:
    having = loaders.query(
        "select table_name from duckdb_columns() where schema_name = 'marts'"
        " and column_name = 'is_overdue' order by table_name"
    )
    able = [*(name for (name,) in having), "work_orders"]
    assert "fct_work_orders" in able
    marts = loaders.query(
        "select table_name from information_schema.tables"
        " where table_schema = 'marts' and table_name like 'mart_%' order by table_name"
    )
    reports = ", ".join(name for (name,) in marts if name not in able)
    out = loaders.warehouse.parent / "out"
    options = ("--where", "is_overdue", "--out", str(out))
    told = loaders.run("export", "xlsx", *options, expect=2).stderr
    assert f"--where does not fit {reports}: " in told
    assert told.endswith(f"; name some of {', '.join(able)}\n")
    assert told.count("\n") == 1
    assert [path.name for path in out.iterdir()] == [".unfinished.lock"]
    loaders.run("export", "xlsx", *able, *options)
    assert (out / "marts.xlsx").exists()


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"models:\n  - name: dim_teams\n   columns: []\n", "more/dim.yml, line 3: did not find "),
        (b"models:\n  - name: caf\xe9\n", "more/dim.yml, line 2: unacceptable character"),
        (b"- name: dim_teams\n", "more/dim.yml, line 1: expected names with values"),
        (b"models: [7]\n", "more/dim.yml does not declare models as dbt reads them"),
    ],
)
def test_a_broken_file_of_the_project_is_told_with_its_line(
    loaders: Loaders, monkeypatch: pytest.MonkeyPatch, content: bytes, told: str
) -> None:
    file = loaders.warehouse.parent / "more" / "dim.yml"
    file.parent.mkdir()
    file.write_bytes(content)
    monkeypatch.setattr(marts, "MODELS", file.parent)
    out = str(loaders.warehouse.parent / "out")
    for command in (("publish",), ("export", "csv", "dim_teams", "--out", out)):
        text = loaders.invoke(*command, expect=1).output
        assert told in text
        assert text.count("\n") == 1
    assert not loaders.warehouse.with_name("marts.duckdb").exists()


def test_no_warehouse_is_told_in_a_line(loaders: Loaders) -> None:
    loaders.warehouse.unlink()
    process = loaders.run("export", "csv", expect=2)
    assert "run `make build` first" in process.stderr


def enlarge(loaders: Loaders) -> None:
    """A million work orders in the mart, each as wide as a real one."""
    with loaders.writable() as connection:
        (orders,) = connection.execute("select count(*) from marts.fct_work_orders").fetchall()[0]
        connection.execute(
            "create or replace table marts.fct_work_orders as select * exclude (number)"
            " replace (left(title, 100) || md5(title || number) as title, number * 100000000 +"
            " work_order_id as work_order_id, md5('a' || number) || md5('b' || number) as"
            " description, json_object(md5('c' || number), md5('d' || number)) as custom_fields"
            f") from marts.fct_work_orders, range({ROWS // orders + 1})"
            f" as numbers(number) order by hash(number, work_order_id) limit {ROWS}"
        )


@pytest.mark.slow
def test_a_million_rows_leave_within_340_mb(loaders: Loaders) -> None:
    enlarge(loaders)
    out = loaders.warehouse.parent / "out"
    for arguments in (
        ["export", "csv", "work_orders", "--out", str(out)],
        ["export", "parquet", "fct_work_orders", "--out", str(out)],
        ["publish"],
    ):
        measured = subprocess.run(
            [sys.executable, "-c", RUN_AND_MEASURE, *arguments],
            cwd=ROOT,
            env=loaders.environment,
            capture_output=True,
            text=True,
            check=True,
        )
        code, megabytes = map(int, measured.stdout.split())
        assert code == 0, measured.stderr
        assert megabytes < LIMIT_MB, arguments
    with duckdb.connect() as connection:
        query = "select count(*) from '{}'"
        parquet = query.format(out / "fct_work_orders.parquet")
        assert connection.execute(parquet).fetchall() == [(ROWS,)]
    with (out / "work_orders.csv").open(encoding="utf-8", newline="") as file:
        assert sum(1 for _ in csv.reader(file)) == ROWS + 1


@pytest.mark.slow
def test_killed_midway_the_former_files_stand(loaders: Loaders) -> None:
    out = export(loaders, "csv", "work_orders")
    former = (out / "work_orders.csv").read_bytes()
    enlarge(loaders)
    process = loaders.start("export", "csv", "work_orders", "--out", str(out))
    unfinished = out / ".unfinished" / "work_orders.csv"
    deadline = time.monotonic() + 120
    while not (unfinished.exists() and unfinished.stat().st_size > 1_000_000):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    held = loaders.run("export", "csv", "dim_teams", "--out", str(out), expect=3)
    assert "is held by `export`" in held.stderr
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    assert unfinished.exists()
    assert (out / "work_orders.csv").read_bytes() == former
    export(loaders, "csv", "work_orders", "--where", "work_order_id < 1000000")
    assert not unfinished.parent.exists()
    assert [path.name for path in out.iterdir() if not path.name.startswith(".")] == [
        "work_orders.csv"
    ]
