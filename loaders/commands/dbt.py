"""The command that runs dbt on the warehouse: `dbt`."""

import sys

import click

from loaders import settings
from loaders.commands.console import set_up_logging
from loaders.dbt import dbt
from loaders.warehouse import lock, upgrade
from loaders.warehouse.file import RawFile


@click.command("dbt", context_settings={"ignore_unknown_options": True})
@click.argument("arguments", nargs=-1, metavar="[ARGUMENT ...]", type=click.UNPROCESSED)
def command(arguments: tuple[str, ...]) -> None:
    """Run dbt on this project and warehouse, as `make build` and `make docs` do.

    Before that it makes sure that there is raw data, upgrades the raw file where a former release
    wrote it, and waits for a run that writes it.

    \b
    Examples:
      python -m loaders dbt build --select fct_work_orders
      python -m loaders dbt source freshness
    """
    set_up_logging(False, False, "text")
    warehouse = settings.warehouse_path()
    if upgrade.is_behind(warehouse):
        with lock.held(warehouse, "dbt"):
            upgrade.prepare(RawFile(warehouse))
    sys.exit(dbt(warehouse, "--no-use-colors", *arguments))
