"""`make faults`: plant every fault of the catalogue, a line each, and say how many were caught."""

import sys
import tempfile
from pathlib import Path

import click

from tests.python.faults.catalogue import FAULTS
from tests.python.faults.runner import Workshop


@click.command()
@click.argument("names", nargs=-1)
def main(names: tuple[str, ...]) -> None:
    """Plant the faults of these NAMES, all without any, and end with 1 where one is missed."""
    faults = [fault for fault in FAULTS if not names or fault.name in names]
    unknown = set(names) - {fault.name for fault in faults}
    if unknown:
        raise click.UsageError(f"the catalogue has no {', '.join(sorted(unknown))}")
    caught = 0
    with tempfile.TemporaryDirectory() as folder:
        workshop = Workshop(Path(folder), faults)
        for fault in faults:
            why = workshop.missed(fault)
            caught += not why
            verdict = f"MISSED: {why}" if why else f"caught by {', '.join(fault.caught_by)}"
            click.echo(f"{fault.name}: {fault.imitates}; {verdict}")
    click.echo(f"{caught} caught / {len(faults)} planted")
    sys.exit(caught != len(faults))


if __name__ == "__main__":
    main()
