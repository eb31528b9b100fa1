"""`python -m loaders sandbox`."""

import click

import sandbox
from loaders.commands.parameters import unopened
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
def command(
    work_orders: int,
    small: bool,
    port: int,
    seed: int,
    now: str,
    quota: int | None,
    without: tuple[str, ...],
) -> None:
    """Serve a mock MaintainX API with reproducible data on 127.0.0.1 until Ctrl-C.

    The key `sandbox-key` sees all organizations, `sandbox-key-1` only the first.

    \b
    Examples:
      python -m loaders sandbox
      python -m loaders sandbox --small --port 0 --quota 100
    """
    named(without)
    try:
        data = sandbox.small(seed, now) if small else sandbox.build(work_orders, seed, now)
    except (ValueError, OverflowError) as error:
        raise SettingsError(str(error)) from None
    limit = sandbox.Quota(quota) if quota else None
    try:
        sandbox.run(sandbox.Sandbox(data, quota=limit, forbidden=without), port=port)
    except OSError as error:
        raise unopened(port, error) from None
