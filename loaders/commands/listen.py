"""`python -m loaders listen`."""

import logging
import signal
import socket
from types import FrameType

import click

from loaders import settings
from loaders.commands.console import set_up_logging
from loaders.commands.parameters import PublicUrl, quiet_option, unopened
from loaders.extract.receiver import Receiver
from loaders.printing import say

# Seconds for requests in progress after SIGTERM: MaintainX waits ten for an answer.
ENDS_WITHIN = 10


@click.command("listen")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8801,
    show_default=True,
    help="0 takes any free port.",
)
@click.option(
    "--public-url",
    type=PublicUrl(),
    help="What stands before the path in the URL that MaintainX sends to, behind a proxy."
    " Default: http:// and the Host header.",
)
@click.option(
    "--log-format",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="Format of log lines on standard error.",
)
@quiet_option
def command(host: str, port: int, public_url: str | None, log_format: str, quiet: bool) -> None:
    """Receive webhooks of MaintainX until SIGTERM or Ctrl-C, so that `sync` reads changes at once.

    Each signed delivery is written to warehouse.duckdb.signals before it is answered. A running
    `sync` reads what it marks within seconds. MAINTAINX_WEBHOOK_SECRETS holds the secrets of the
    subscriptions, separated by commas. No API key is needed.

    \b
    Examples:
      python -m loaders listen
      python -m loaders listen --public-url https://plant.example.com
    """
    # An extra of the package: half of the installations do without.
    import uvicorn  # noqa: PLC0415

    set_up_logging(False, quiet, log_format)
    receiver = Receiver(settings.warehouse_path(), settings.webhook_secrets(), public_url)
    try:
        opened = socket.create_server((host, port), backlog=2048)
    except OSError as error:
        raise unopened(port, error) from None
    # What it says of requests that are no HTTP.
    logging.getLogger("uvicorn.error").setLevel(logging.ERROR)
    config = uvicorn.Config(
        receiver,
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=ENDS_WITHIN,
    )
    server = uvicorn.Server(config)

    def end(_number: int, _frame: FrameType | None) -> None:
        server.should_exit = True

    # uvicorn has handlers of its own while it serves, and raises the signal again at its end.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, end)
    with opened:
        say(f"listening on http://{host}:{opened.getsockname()[1]}")
        server.run(sockets=[opened])
