"""Stop expecting lists that MaintainX no longer shows to the key."""

from loaders.errors import SettingsError
from loaders.maintainx.catalogue import TABLES
from loaders.warehouse import landing, run_log
from loaders.warehouse.file import RawFile, now
from loaders.warehouse.outcome import Outcome

NEWEST = """
select resource, arg_max(state, ended_at), arg_max(run_id, ended_at)
from raw._run_resources
where organization_id = ? and resource in (select unnest(?::varchar[]))
group by resource
"""


def retire(
    raw: RawFile, run_id: str, organization_id: int, lists: list[str], *, delete: bool
) -> list[Outcome]:
    """Log lists of an organization as retired; with `delete` also mark their records as deleted.

    No later run, status or alert expects them; a run that can read one again reads all of it.
    Raises SettingsError where none of them was ever read, or where the newest run read one.
    """
    started = now()
    with raw.transaction() as connection:
        (newest_run,) = connection.execute(
            "select arg_max(run_id, ended_at) from raw._run_resources"
        ).fetchall()[0]
        found = connection.execute(NEWEST, [organization_id, lists]).fetchall()
        if not found:
            raise SettingsError(
                f"nothing of organization {organization_id} was ever read: `python -m loaders"
                " status` names the organizations and lists"
            )
        read = [
            name
            for name, state, newest in found
            if newest == newest_run and state in ("done", "refused", "stopped")
        ]
        if read:
            raise SettingsError(
                f"organization {organization_id}: the last run still read {', '.join(read)};"
                " retire only what MaintainX no longer shows to the key"
            )
        connection.execute(
            "insert into raw._runs values (?, ?, 'retired', ?, ?, 0, null)",
            [run_id, f"retire {organization_id}", started, now()],
        )
        names = {name for name, _, _ in found}
        outcomes = [
            Outcome(run_id, organization_id, name, "whole", started, state="retired")
            for name in TABLES
            if name in names
        ]
        for outcome in outcomes:
            if delete:
                landing.delete_all(connection, outcome)
            for table in ("_source_manifest", "_source_pages", "_reconciliations", "_detail_reads"):
                connection.execute(
                    f"delete from raw.{table} where organization_id = ? and resource = ?",
                    [organization_id, outcome.resource],
                )
            run_log.record(connection, outcome)
    return outcomes
