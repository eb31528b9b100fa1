"""The command line: `python -m loaders COMMAND`."""

import contextlib
import sys
from importlib import import_module
from typing import Any

import click

from loaders.errors import NoDataError, did_you_mean, explained
from loaders.printing import say
from loaders.settings import demo_hint, restrict_files

COMMANDS = {
    "extract": "Read MaintainX and load what is new, changed or deleted.",
    "build": "Build and test the models, then publish the marts.",
    "check": "Verify the key and its permissions.",
    "status": "Show how fresh each list is and what is due.",
    "reconcile": "Compare the warehouse with the live API.",
    "trust": "Print a one-page data quality summary.",
    "sync": "Extract, build and publish at an interval.",
    "listen": "Receive webhooks, so that sync reads changes at once.",
    "subscribe": "Print or make the webhook subscriptions for listen.",
    "retire": "Stop expecting what the key no longer sees.",
    "export": "Write marts to files or load them into BigQuery.",
    "publish": "Copy the marts to marts.duckdb for analysts.",
    "dashboard": "Write dashboard.html, one page for a browser, from marts.duckdb.",
    "dbt": "Run any dbt command on the warehouse.",
    "demo": "Extract, build and query the sandbox; needs no account.",
    "sandbox": "Serve a mock MaintainX API with reproducible data.",
}


class Commands(click.Group):
    """Imports only the command that runs."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f"loaders.commands.{cmd_name}").command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.exceptions.NoArgsIsHelpError as error:
            error.show()
            sys.exit(error.exit_code)
        except click.UsageError as error:
            ctx.fail(error.format_message().rstrip(".") + did_you_mean(args[0], COMMANDS))

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except RuntimeError as error:
            if str(error) != "Query interrupted":  # DuckDB, at Ctrl-C
                raise
            raise click.Abort from None

    def main(self, *args: Any, **extra: Any) -> Any:
        """Run a command. The one place that turns errors into a line and an exit code."""
        try:
            extra["standalone_mode"] = False
            sys.exit(super().main(*args, **extra))
        except click.Abort:
            say("Aborted!", err=True)
            sys.exit(1)
        except click.exceptions.NoArgsIsHelpError as error:
            error.show()
            sys.exit(error.exit_code)
        except click.UsageError as error:
            command = error.ctx.command_path if error.ctx else "python -m loaders"
            say(f"error: {error.format_message().rstrip('.')}; see `{command} --help`", err=True)
            sys.exit(error.exit_code)
        except Exception as error:
            failure = explained(error)
            if failure is None:
                raise
            hint = demo_hint() if isinstance(failure, NoDataError) else ""
            with contextlib.suppress(OSError):
                say(f"error: {failure}{hint}", err=True)
            try:
                sys.stdout.flush()
            except OSError:
                # It is full or gone, and Python would flush it again at the end.
                sys.stdout = None
            sys.exit(failure.exit_code)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Load MaintainX data into a DuckDB warehouse.

    \b
    MAINTAINX_API_KEY           your key (Settings > Integrations > API Keys)
    MAINTAINX_ORGANIZATION_IDS  organizations, separated by commas; default: all the key sees
    MAINTAINX_WAREHOUSE         the DuckDB file; default: warehouse.duckdb in this folder
    MAINTAINX_BASE_URL          default: https://api.getmaintainx.com/v1
    MAINTAINX_LAKE              a DuckLake catalog to publish to, with MAINTAINX_LAKE_DATA
    MAINTAINX_WEBHOOK_SECRETS   secrets of webhook subscriptions, separated by commas
    MAINTAINX_UMASK             027 lets your group read the files; default: 077, only you

    \b
    Exit codes:
      0  success
      1  partial failure or findings
      2  usage or configuration error, or no data yet
      3  another run holds the warehouse
    """
    restrict_files()
