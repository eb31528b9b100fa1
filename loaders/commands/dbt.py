"""The command that runs dbt on the warehouse: `dbt`."""

import sys
from contextlib import nullcontext

import click

from loaders import settings
from loaders.commands.console import set_up_logging
from loaders.commands.running import command_line, stop_on_signals
from loaders.dbt import building, dbt, writes
from loaders.printing import say


@click.command("dbt", context_settings={"ignore_unknown_options": True})
@click.argument("arguments", nargs=-1, metavar="[ARGUMENT ...]", type=click.UNPROCESSED)
def command(arguments: tuple[str, ...]) -> None:
    """Run dbt on this project and warehouse, as `make docs` does.

    Before dbt starts, this command makes sure that there is raw data, upgrades a raw file that a
    former release wrote, and waits for a run that writes it. A selection that matches nothing is an
    error. `build` also publishes.

    \b
    Examples:
      python -m loaders dbt docs generate --static
      python -m loaders dbt test --select fct_work_orders
      python -m loaders dbt source freshness
    """
    set_up_logging(False, False, "text")
    warehouse = settings.warehouse_path()
    with building(warehouse, command_line()) if writes(arguments) else nullcontext():
        code = dbt(warehouse, stop_on_signals(), *arguments)
    if code == 0 and {"docs", "generate", "--static"} <= set(arguments):
        say(f"{settings.target() / 'static_index.html'} is written: open it in a browser")
    sys.exit(code)
