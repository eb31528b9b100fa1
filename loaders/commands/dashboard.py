"""`python -m loaders dashboard`."""

import click

from loaders import settings
from loaders.commands.console import set_up_logging
from loaders.commands.parameters import quiet_option
from loaders.export.dashboard import write_dashboard
from loaders.printing import say


@click.command("dashboard")
@click.option("--with-names", is_flag=True, help="Include the names of people.")
@quiet_option
def command(with_names: bool, quiet: bool) -> None:
    """Write dashboard.html beside the warehouse: one page for a browser, without a network.

    It reads marts.duckdb, so run `make build` or `publish` first. `sync` writes it after each
    cycle. It holds no names of people, but titles of work orders as people typed them.

    \b
    Examples:
      python -m loaders dashboard
      python -m loaders dashboard --with-names
    """
    set_up_logging(False, quiet, "text")
    path = write_dashboard(settings.warehouse_path(), with_names)
    if not quiet:
        say(f"{path}: {path.stat().st_size / 1e6:.1f} MB; open it in a browser")
