"""`python -m loaders publish`."""

import click

from loaders import settings
from loaders.commands.console import set_up_logging
from loaders.commands.parameters import quiet_option
from loaders.export.publish import publish
from loaders.printing import counted, say


@click.command("publish")
@click.option("--parquet", is_flag=True, help="Also write Parquet files to the folder marts/.")
@click.option(
    "--personal-data",
    is_flag=True,
    help="Include e-mail addresses, phone numbers and hourly rates.",
)
@quiet_option
def command(parquet: bool, personal_data: bool, quiet: bool) -> None:
    """Copy the marts to marts.duckdb beside the warehouse, a read-only copy for analysts.

    `make build` and `sync` publish after each successful build. The copy is replaced atomically:
    readers never wait for a build and never see part of one. Its table _published holds the run id
    and the time of publishing. With MAINTAINX_LAKE, the same marts are also published to a lake in
    one snapshot: docs/ducklake.md. Nothing is published while a model or a test failed when it
    last ran.

    \b
    Examples:
      python -m loaders publish
      python -m loaders publish --parquet
    """
    set_up_logging(False, quiet, "text")
    path, chosen = publish(settings.warehouse_path(), personal_data, parquet, lake=settings.lake())
    if not quiet:
        say(f"{path}: {counted(len(chosen), 'mart')} published")
