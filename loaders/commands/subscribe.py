"""`python -m loaders subscribe`."""

import os
from pathlib import Path

import click

from loaders import settings
from loaders.commands.console import columns
from loaders.commands.parameters import PublicUrl
from loaders.commands.running import Reading, reading_options, stop_on_signals
from loaders.errors import SettingsError, did_you_mean
from loaders.maintainx.subscriptions import secret, subscribe
from loaders.maintainx.webhooks import EVENTS, IGNORED
from loaders.printing import say


@click.command("subscribe")
@click.argument("events", nargs=-1, metavar="[EVENT]...")
@click.option(
    "--public-url",
    type=PublicUrl(),
    required=True,
    help="Where MaintainX reaches `listen`: each event is sent to URL/EVENT.",
)
@click.option(
    "--create",
    "secrets_file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Make the subscriptions, and write their secrets to this new file.",
)
@reading_options
def command(
    events: tuple[str, ...], public_url: str, secrets_file: Path | None, reading: Reading
) -> None:
    """Print the webhook subscriptions that `listen` needs; with --create make them.

    MaintainX cannot list subscriptions: keep the ids that are printed, and make none twice.

    FILE holds MAINTAINX_WEBHOOK_SECRETS for `listen` and is readable only by you. A secret is never
    printed.

    \b
    Examples:
      python -m loaders subscribe --public-url https://plant.example.com
      python -m loaders subscribe --public-url https://plant.example.com --create webhooks.env
      python -m loaders subscribe NEW_PART --public-url https://plant.example.com
    """
    unknown = sorted(set(events) - set(EVENTS))
    if unknown:
        wrong = ", ".join(name + did_you_mean(name, EVENTS) for name in unknown)
        why = "; ".join(f"{name}: {IGNORED[name]}" for name in unknown if name in IGNORED)
        raise SettingsError(f"no list is read for the event {wrong}" + (f" ({why})" if why else ""))
    wanted = [name for name in EVENTS if not events or name in events]
    if secrets_file is None:
        rows = [[name, f"{public_url}/{name}", ", ".join(EVENTS[name])] for name in wanted]
        say(columns(["event", "URL", "lists"], rows))
        return
    reading.set_up_logging()
    configured = settings.from_environment()
    try:
        opened = os.open(secrets_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise SettingsError(
            f"{secrets_file} cannot be created ({error.strerror}): name a new file for the secrets"
        ) from None
    with os.fdopen(opened, "w") as file, reading.client(configured, stop_on_signals()) as client:
        file.write("MAINTAINX_WEBHOOK_SECRETS=")
        for name in wanted:
            number, status = subscribe(client, name, f"{public_url}/{name}")
            # At once, because what comes next can fail.
            say(f"subscription {number}: {name}, {status}")
            file.write(f"{secret(client, number)},")
            file.flush()
    say(f"the secrets are in {secrets_file}: give them to `listen`")
