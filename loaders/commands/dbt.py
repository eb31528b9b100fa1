"""The command that runs dbt on the warehouse: `dbt`."""

import sys

import click

from loaders import settings
from loaders.commands.console import set_up_logging
from loaders.commands.running import stop_on_signals
from loaders.dbt import dbt


@click.command("dbt", context_settings={"ignore_unknown_options": True})
@click.argument("arguments", nargs=-1, metavar="[ARGUMENT ...]", type=click.UNPROCESSED)
def command(arguments: tuple[str, ...]) -> None:
    """Run dbt on this project and warehouse, as `make docs` does.

    Before dbt starts, this command makes sure that there is raw data, upgrades a raw file that a
    former release wrote, and waits for a run that writes it. `build` also publishes.

    \b
    Examples:
      python -m loaders dbt docs generate --static
      python -m loaders dbt test --select fct_work_orders
      python -m loaders dbt source freshness
    """
    set_up_logging(False, False, "text")
    sys.exit(dbt(settings.warehouse_path(), stop_on_signals(), "--no-use-colors", *arguments))
