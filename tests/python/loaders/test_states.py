"""What a run leaves is said alike by its exit code, `status` and `trust`: the table of the docs."""

import re
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml  # type: ignore[import-untyped]

from loaders.commands.status import STALE_HOURS
from loaders.maintainx.catalogue import TABLES
from sandbox import Dataset, Fault, Kind, Sandbox, serve
from sandbox.api.state import KEY_OF_ONE
from tests.python.conftest import Plant
from tests.python.loaders.conftest import ROOT, RUNS_DBT, Loaders, differences, doubled_rows

PAGE = ROOT / "docs" / "operations.md"
HEAD = "| what happened | exit code | `status` says | `trust` says |\n|---|---|---|---|\n"
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in PAGE.read_text().partition(HEAD)[2].partition("\n\n")[0].splitlines()
]
SOON = ("--timeout", "0.3s", "-q")


def said(loaders: Loaders, *arguments: str) -> tuple[int, str]:
    """Exit code and output of a command in this process."""
    result = loaders.invoke(*arguments, expect=None)
    return result.exit_code, result.output


def extract(loaders: Loaders, *lists: str) -> int:
    return said(loaders, "extract", *(lists or ("teams", "parts")), *SOON)[0]


def in_progress(loaders: Loaders) -> Iterator[tuple[int, Loaders]]:
    """A run that waits for an answer of MaintainX; gives another run's exit code, then its own."""
    loaders.sandbox.faults.append(Fault(Kind.HANG, where="/teams", seconds=20, times=None))
    process = loaders.start("extract", "teams", "--timeout", "30s")
    try:
        while not any(one.path == "/teams" for one in loaders.sandbox.requests):
            assert process.poll() is None
        yield extract(loaders), loaders
        process.send_signal(signal.SIGTERM)
        yield process.wait(timeout=15), loaders
    finally:
        process.kill()
        process.communicate()


def older(loaders: Loaders, hours: int) -> None:
    with loaders.writable() as connection:
        for table in ("_runs", "_run_resources"):
            connection.execute(
                f"update raw.{table} set started_at = started_at - interval {hours} hour,"
                f" ended_at = ended_at - interval {hours} hour"
            )


def nothing_ran(loaders: Loaders) -> None:
    older(loaders, hours=73)


def never_read(loaders: Loaders) -> int:
    with loaders.writable() as connection:
        connection.execute("delete from raw._run_resources where resource = 'teams'")
    return forbidden(loaders)


def forbidden(loaders: Loaders) -> int:
    loaders.sandbox.forbidden = {"teams"}
    return extract(loaders)


def failing(where: str) -> Callable[[Loaders], int]:
    def fail(loaders: Loaders) -> int:
        loaders.sandbox.faults.append(Fault(where=where, status=400, times=None))
        return extract(loaders)

    return fail


def deletions(loaders: Loaders) -> int:
    organization = loaders.sandbox.organization_ids[0]
    for team in loaders.sandbox.listed("teams", organization):
        loaders.sandbox.delete("teams", team["id"])
    return extract(loaders)


def rejected(loaders: Loaders) -> int:
    loaders.sandbox.raw_record("teams", loaders.sandbox.organization_ids[0], '{"id": "none"}')
    return extract(loaders)


def rejected_again(loaders: Loaders) -> int:
    assert rejected(loaders) == 1
    return extract(loaders)


def unseen(loaders: Loaders) -> int:
    loaders.env["MAINTAINX_API_KEY"] = KEY_OF_ONE
    return extract(loaders)


def retired(loaders: Loaders) -> int:
    unseen(loaders)
    code, _ = said(loaders, "retire", str(loaders.sandbox.organization_ids[1]))
    assert code == 0
    return extract(loaders)


def unreachable(loaders: Loaders) -> int:
    loaders.url = "http://127.0.0.1:9/v1"
    return extract(loaders)


def refused_key(loaders: Loaders) -> int:
    loaders.env["MAINTAINX_API_KEY"] = "another"
    return extract(loaders)


def unknown_organization(loaders: Loaders) -> int:
    loaders.env["MAINTAINX_ORGANIZATION_IDS"] = "1"
    return extract(loaders)


def killed(loaders: Loaders) -> int:
    loaders.sandbox.faults.append(Fault(Kind.HANG, where="/teams", seconds=20, times=None))
    process = loaders.start("extract", "teams", "--timeout", "30s")
    while not any(one.path == "/teams" for one in loaders.sandbox.requests):
        assert process.poll() is None
    process.kill()
    process.communicate()
    return process.returncode


SCENARIOS: dict[str, Callable[[Loaders], int | None]] = {
    "everything was read": extract,
    "a list answers 403 and was never read": never_read,
    "a list answers 403 and was read before": forbidden,
    "a list fails": failing("/teams"),
    "every list fails": failing("/teams|/parts"),
    "more records are missing than `--max-deletions` allows": deletions,
    "a record is rejected for the first time": rejected,
    "the same record is rejected again": rejected_again,
    "the key no longer sees an organization": unseen,
    "that organization was retired": retired,
    "MaintainX cannot be reached": unreachable,
    "MaintainX refuses the key": refused_key,
    "`MAINTAINX_ORGANIZATION_IDS` names an unknown organization": unknown_organization,
    "the run was killed": killed,
    "nothing ran for three days": nothing_ran,
}
STOPPED = "SIGTERM or Ctrl-C stopped the run"
HELD = "another run holds the warehouse"


@pytest.fixture
def loaders(small_plant: Plant, tmp_path: Path, dataset: Dataset) -> Iterator[Loaders]:
    """A copy of the small plant."""
    sandbox = Sandbox(dataset)
    with serve(sandbox) as url:
        yield Loaders(sandbox, url, small_plant.loaders.copied(tmp_path))


def check(loaders: Loaders, row: list[str]) -> None:
    """`status` and `trust` say what a row of the table promises."""
    for command, promised in (("status", row[2]), ("trust", row[3])):
        found = re.fullmatch(r"(\d): `(.+)`", promised)
        assert found, promised
        code, text = said(loaders, command)
        words = " ".join(text.split())
        assert found[2].strip() in words, text
        assert code == int(found[1]), text


def test_every_row_of_the_table_has_a_scenario() -> None:
    assert {row[0] for row in ROWS} == {*SCENARIOS, STOPPED, HELD}


def test_status_trust_and_the_freshness_of_sources_call_the_same_age_stale() -> None:
    path = ROOT / "models" / "staging" / "maintainx" / "_maintainx__sources.yml"
    (source,) = yaml.safe_load(path.read_text())["sources"]
    alerts = (ROOT / "models" / "quality" / "health_alerts.sql").read_text()
    days = re.findall(r"set stale_days = (\d+)|add_time\('day', (\d+)", alerts)
    assert days == [(str(STALE_HOURS // 24), "")]
    assert source["config"]["freshness"]["error_after"] == {
        "count": STALE_HOURS // 24,
        "period": "day",
    }


@pytest.mark.sampled
@pytest.mark.parametrize(
    "row", [row for row in ROWS if row[0] in SCENARIOS], ids=lambda row: row[0][:40]
)
def test_a_row_of_the_table_is_true(loaders: Loaders, row: list[str]) -> None:
    code = SCENARIOS[row[0]](loaders)
    assert row[1] == ("" if code is None else str(code))
    check(loaders, row)


@pytest.mark.slow
def test_the_rows_of_a_run_in_progress_are_true(loaders: Loaders) -> None:
    rows = {row[0]: row for row in ROWS}
    for name, (code, _) in zip((HELD, STOPPED), in_progress(loaders), strict=True):
        assert rows[name][1] == str(code)
        check(loaders, rows[name])


# What the key no longer sees


def test_an_organization_that_comes_back_is_read_whole(loaders: Loaders) -> None:
    lists = ("teams", "work_orders")
    organization = loaders.sandbox.organization_ids[1]
    code, text = said(loaders, "retire", str(organization), "--delete")
    assert code == 2
    assert "still read" in text
    unseen(loaders)
    code, text = said(loaders, "retire", str(organization), "--delete")
    assert (code, loaders.live("work_orders", organization)) == (0, {}), text
    assert loaders.live("work_orders", loaders.sandbox.organization_ids[0])
    assert extract(loaders, *lists) == 0
    del loaders.env["MAINTAINX_API_KEY"]
    assert extract(loaders, *lists) == 0
    assert differences(loaders, *lists) == {}
    assert doubled_rows(loaders) == []
    code, text = said(loaders, "status")
    assert code == 0
    assert any(line.endswith("retired") for line in text.splitlines())


def test_a_list_that_is_retired_stays_as_it_was_read(loaders: Loaders) -> None:
    held = loaders.rows("teams")
    assert forbidden(loaders) == 1
    for organization in loaders.sandbox.organization_ids:
        assert said(loaders, "retire", str(organization), "teams")[0] == 0
    assert extract(loaders) == 0
    assert said(loaders, "status")[0] == said(loaders, "trust")[0] == 0
    assert loaders.rows("teams") == held
    loaders.sandbox.forbidden = set()
    assert extract(loaders) == 0
    loaders.sandbox.forbidden = {"teams"}
    assert extract(loaders) == 1


def test_an_organization_that_was_not_asked_for_is_not_missed(loaders: Loaders) -> None:
    loaders.env["MAINTAINX_ORGANIZATION_IDS"] = str(loaders.sandbox.organization_ids[0])
    assert extract(loaders) == 0
    assert said(loaders, "status")[0] == 0


def test_what_was_never_read_cannot_be_retired(loaders: Loaders) -> None:
    code, text = said(loaders, "retire", "1")
    assert code == 2
    assert "nothing of organization 1" in text


def test_a_clock_that_was_ahead_is_said_and_its_reads_do_not_count(loaders: Loaders) -> None:
    with loaders.writable() as connection:
        moments = "started_at = '9999-12-31 23:00', ended_at = '9999-12-31 23:30'"
        connection.execute(f"update raw._runs set {moments}")
        connection.execute(f"update raw._run_resources set {moments} where resource = 'teams'")
    code, text = said(loaders, "status")
    assert code == 1
    assert "2 reads ended in the future and do not count, because a clock was ahead" in text
    assert ", 2 never read, " in text
    code, text = said(loaders, "trust")
    assert code == 1
    assert "the newest extract ended in the future" in " ".join(text.split())
    assert extract(loaders) == 0
    code, text = said(loaders, "status")
    assert code == 0
    assert text.startswith("last run `")
    assert "9999" not in text


def test_trust_warns_of_a_copy_that_is_older_than_the_build(loaders: Loaders) -> None:
    def after(change: str) -> tuple[int, str]:
        with loaders.writable() as connection:
            connection.execute(f"update quality.model_runs set {change}")
        return said(loaders, "trust")

    assert said(loaders, "publish", "-q")[0] == 0
    assert "marts.duckdb is older" not in said(loaders, "trust")[1]
    code, text = after("build_started_at = build_started_at + interval 1 hour")
    assert code == 0
    assert "marts.duckdb is older than the last build" in text
    code, text = after("status = 'error' where node_name = 'dim_teams'")
    assert code == 1
    assert "marts.duckdb is as before the last build, which failed" in text


@pytest.mark.slow
@RUNS_DBT
def test_what_is_not_read_any_more_is_still_said_ten_days_later(loaders: Loaders) -> None:
    def freshness() -> dict[str, str]:
        said = Plant(loaders, loaders.warehouse.parent).dbt("source", "freshness")
        return {
            one["unique_id"].rsplit(".", 1)[1]: one["status"]
            for one in said.nodes
            if one["unique_id"].startswith("source.")
        }

    loaders.env["MAINTAINX_API_KEY"] = KEY_OF_ONE
    loaders.sandbox.forbidden = {"teams"}
    older(loaders, hours=240)
    organization = loaders.sandbox.organization_ids[1]
    assert extract(loaders, *TABLES) == 1
    code, text = said(loaders, "status")
    assert code == 1
    assert "failed: could be read before" in text
    assert f"the key no longer sees organization {organization}" in text
    code, text = said(loaders, "trust")
    assert code == 1
    # The list, what is below its records, and the organization.
    assert "4 errors, " in text, text
    assert set(freshness().values()) == {"error", "pass"}
    assert said(loaders, "retire", str(organization))[0] == 0
    names = {"teams", "team_members", "team_details"}
    assert {name for name, state in freshness().items() if state == "error"} == names
    assert said(loaders, "retire", str(loaders.sandbox.organization_ids[0]), "teams")[0] == 0
    assert set(freshness().values()) == {"pass"}
    assert said(loaders, "trust")[0] == 0
