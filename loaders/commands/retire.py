"""`python -m loaders retire`."""

import click

from loaders import settings
from loaders.commands.console import set_up_logging
from loaders.commands.parameters import quiet_option
from loaders.commands.running import command_line
from loaders.extract.run import new_run_id
from loaders.maintainx.catalogue import DETAILS, named_with_details
from loaders.printing import counted, say
from loaders.warehouse import lock, upgrade
from loaders.warehouse.file import RawFile, require
from loaders.warehouse.retire import retire


@click.command("retire")
@click.argument("organization", type=int)
@click.argument("lists", nargs=-1, metavar="[LIST ...]")
@click.option("--delete", is_flag=True, help="Also mark their records as deleted.")
@quiet_option
def command(organization: int, lists: tuple[str, ...], delete: bool, quiet: bool) -> None:
    """Stop expecting an organization, or some of its lists, that the key no longer sees.

    Their records stay as they were last read, and no run, status or alert reports them any more.
    History is kept, also with --delete. A later extract that can read them again reads all of it.

    \b
    Examples:
      python -m loaders retire 4021                    an organization; its records stay
      python -m loaders retire 4021 --delete           its records count as deleted
      python -m loaders retire 4021 purchase_orders    a list that is no longer on the plan, with
                                                       the details of its records
    """
    set_up_logging(False, quiet, "text")
    resources, details = named_with_details(lists)
    # Who no longer sees a list no longer sees what is below its records.
    below = [row for row in DETAILS.values() if row.parent in lists]
    names = [resource.name for resource in resources]
    names += dict.fromkeys(detail.name for detail in (*details, *below))
    raw = RawFile(settings.warehouse_path())
    require(raw.warehouse, "raw")
    with lock.held(raw.warehouse, command_line()):
        upgrade.prepare(raw)
        outcomes = retire(raw, new_run_id(), organization, names, delete=delete)
    if not quiet:
        deleted = sum(outcome.deleted for outcome in outcomes)
        say(
            f"{counted(len(outcomes), 'list')} retired,"
            f" {counted(deleted, 'record')} marked as deleted"
        )
