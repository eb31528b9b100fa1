"""`python -m loaders sandbox`."""

from datetime import timedelta

import click

import sandbox
from loaders.commands.parameters import Duration, PublicUrl, unopened
from loaders.errors import SettingsError
from loaders.maintainx.catalogue import named
from sandbox.plant.build import NOW, SEED, WORK_ORDERS


@click.command("sandbox")
@click.option("--work-orders", default=WORK_ORDERS, show_default=True, help="Number, at least 200.")
@click.option("--small", is_flag=True, help="The preset for tests: 200 work orders.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8800,
    show_default=True,
    help="0 takes any free port.",
)
@click.option("--seed", default=SEED, show_default=True, help="Another seed gives other data.")
@click.option("--now", default=NOW, show_default=True, help="End of the three years of data.")
@click.option("--quota", type=click.IntRange(1), help="Requests per minute; more answer 429.")
@click.option("--without", multiple=True, metavar="LIST", help="A list that answers 403.")
@click.option(
    "--webhooks",
    type=PublicUrl(),
    metavar="URL",
    help="Send webhooks to URL/EVENT, signed with the secret `sandbox-secret`.",
)
@click.option(
    "--change-every",
    type=Duration(positive=True),
    help="Change a work order this often, and send its webhooks.",
)
@click.option(
    "--trouble",
    "troubles",
    type=click.Choice([str(one) for one in sandbox.Trouble]),
    multiple=True,
    help="What happens to webhooks. Can be repeated.",
)
def command(
    work_orders: int,
    small: bool,
    port: int,
    seed: int,
    now: str,
    quota: int | None,
    without: tuple[str, ...],
    webhooks: str | None,
    change_every: timedelta | None,
    troubles: tuple[str, ...],
) -> None:
    """Serve a mock MaintainX API with reproducible data on 127.0.0.1 until Ctrl-C.

    The key `sandbox-key` sees all organizations, `sandbox-key-1` only the first. Webhooks go to
    --webhooks, or to what `subscribe --create` subscribed here.

    \b
    Examples:
      python -m loaders sandbox
      python -m loaders sandbox --small --port 0 --quota 100
      python -m loaders sandbox --webhooks http://127.0.0.1:8801 --change-every 30s --trouble late
    """
    named(without)
    try:
        data = sandbox.small(seed, now) if small else sandbox.build(work_orders, seed, now)
    except (ValueError, OverflowError) as error:
        raise SettingsError(str(error)) from None
    limit = sandbox.Quota(quota) if quota else None
    served = sandbox.Sandbox(data, quota=limit, forbidden=without)
    if webhooks:
        served.webhooks.subscribe_all(webhooks)
    seconds = change_every.total_seconds() if change_every else None
    kinds = [sandbox.Trouble(one) for one in troubles]
    try:
        sandbox.run(served, port=port, change_every=seconds, troubles=kinds)
    except OSError as error:
        raise unopened(port, error) from None
