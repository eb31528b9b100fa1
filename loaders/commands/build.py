"""`python -m loaders build`."""

import sys

import click

from loaders import last_build, settings
from loaders.commands.console import set_up_logging
from loaders.commands.parameters import quiet_option
from loaders.commands.running import command_line, stop_on_signals
from loaders.dbt import build, building
from loaders.export import dashboard
from loaders.export.lake import check
from loaders.export.publish import publish
from loaders.printing import counted, say


@click.command("build", context_settings={"ignore_unknown_options": True})
@click.argument("arguments", nargs=-1, metavar="[ARGUMENT ...]", type=click.UNPROCESSED)
@quiet_option
def command(arguments: tuple[str, ...], quiet: bool) -> None:
    """Build and test the models with dbt, then publish the marts to marts.duckdb and write
    dashboard.html.

    Prints the number of models and tests, and every test that did not pass. dbt's own lines are in
    logs/dbt.log. Arguments go to `dbt build`. If a model or a test fails, or failed when it last
    ran, the exit code is 1 and nothing is published; a test that warns stops nothing.

    \b
    Examples:
      python -m loaders build
      python -m loaders build --select mart_backlog_weekly+
    """
    set_up_logging(False, quiet, "text")
    warehouse, lake = settings.warehouse_path(), settings.lake()
    if lake is not None:
        check(lake)
    stop = stop_on_signals()
    with building(warehouse, command_line()):
        begun = last_build.start()
        built = build(warehouse, stop, *arguments)
        if built.code or not quiet:
            say(built.text)
        if built.code:
            say(f"not published: {warehouse.with_name(settings.PUBLISHED)} is as before")
            sys.exit(built.code)
        path, chosen = publish(warehouse, stop=stop, lake=lake)
        dashboard.refresh(warehouse)
        if not arguments:
            last_build.keep(warehouse, begun)
    if not quiet:
        say(f"{path}: {counted(len(chosen), 'mart')} published")
