"""`python -m loaders dashboard`."""

import click

from loaders import settings
from loaders.commands.console import set_up_logging
from loaders.commands.parameters import quiet_option
from loaders.errors import SettingsError
from loaders.export.dashboard import write_dashboard
from loaders.export.report import write_report
from loaders.printing import say


@click.command("dashboard")
@click.option(
    "--format",
    "kind",
    type=click.Choice(["html", "pdf", "png"]),
    default="html",
    show_default=True,
    help="html: the page. pdf, png: its headline figures and charts on one sheet, report.pdf.",
)
@click.option("--with-names", is_flag=True, help="Include the names of people (html only).")
@quiet_option
def command(kind: str, with_names: bool, quiet: bool) -> None:
    """Write dashboard.html beside the warehouse: one page for a browser that needs no network.

    It reads marts.duckdb, so run `make build` or `publish` first. `build` and `sync` write the
    page too. Without --with-names it has no name of a person, but titles of work orders as people
    typed them.

    \b
    Examples:
      python -m loaders dashboard
      python -m loaders dashboard --with-names
      python -m loaders dashboard --format pdf
    """
    set_up_logging(False, quiet, "text")
    if with_names and kind != "html":
        raise SettingsError("the report names nobody: remove --with-names, or write --format html")
    warehouse = settings.warehouse_path()
    path = (
        write_dashboard(warehouse, with_names) if kind == "html" else write_report(warehouse, kind)
    )
    if not quiet:
        say(f"{path} is written, {path.stat().st_size / 1e6:.1f} MB: open it in a browser")
