"""`python -m benchmarks.peers`: what other tools cost and lose, beside the loaders.

Each step is a whole process, measured from outside. The results go to
`benchmarks/results/peers.json` and as tables to `docs/performance.md`.
"""

import json
import os
import platform
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from typing import Any

import click
import httpx

from benchmarks.extract import measured, served
from benchmarks.page import results_file, show
from benchmarks.peers import lists
from benchmarks.peers.peer import PACKAGES, Peer, install

STEPS = ("first load", "nothing changed", "1 % changed")
LIMIT = 100
PAGES = 150


def peers(place: Path) -> list[Peer]:
    """Every peer with every setting, the loaders first."""
    tools = (("dlt", "dlt"), ("PyAirbyte", "airbyte"), ("Meltano SDK", "meltano"))
    return [
        Peer("this project", "", "", place),
        *(
            Peer(f"{name}, {setting}", kind, setting, place)
            for name, kind in tools
            for setting in ("best", "defaults")
        ),
    ]


def differs(peer: Peer, part: str) -> bool:
    """Whether the defaults are more than a rate limit apart from the best setting."""
    return peer.setting != "defaults" or (part == "cost" and peer.kind == "dlt")


def cost(peer: Peer, orders: int, place: Path) -> list[dict[str, float]]:
    """What the three steps take, in the order of STEPS."""
    with tempfile.TemporaryDirectory(dir=place) as name, served(orders, Path(name)) as url:
        folder, found = Path(name) / "loaded", []
        command, environment = peer.command(url, folder, "workorders")
        for step in STEPS:
            if step == STEPS[2]:
                httpx.get(f"{url}/changed").raise_for_status()
            found.append(measured(command, **environment))
            figures = ", ".join(f"{key} {value:.1f}" for key, value in found[-1].items())
            click.echo(f"{peer.name}: {step}: {figures}")
        found[-1]["records"] = len(peer.ids(folder, "workorders"))
        return found


def quota(peer: Peer, place: Path) -> dict[str, float]:
    """A first load of PAGES pages at LIMIT requests a minute."""
    with ExitStack() as stack:
        name = stack.enter_context(tempfile.TemporaryDirectory(dir=place))
        url = stack.enter_context(served(PAGES * 200, Path(name), LIMIT))
        command, environment = peer.command(url, Path(name) / "loaded", "workorders")
        started = time.perf_counter()
        try:
            measured(command, **environment)
            failed = 0
        except click.ClickException:
            failed = 1
        found = {"failed": failed, "wall": time.perf_counter() - started}
        found |= httpx.get(f"{url}/counts").json()
        found["records"] = len(peer.ids(Path(name) / "loaded", "workorders"))
        click.echo(f"{peer.name}: {found}")
        return found


def correctness(peer: Peer, place: Path) -> dict[str, dict[str, int]]:
    """What is lost in each trial of `lists`."""
    found = {}
    for do in (lists.drift, lists.kill, lists.deletion):
        with tempfile.TemporaryDirectory(dir=place) as name:
            found[do.__name__] = do(peer, Path(name) / "loaded")
        click.echo(f"{peer.name}: {do.__name__}: {found[do.__name__]}")
    return found


def cost_table(results: dict[str, Any]) -> list[str]:
    """Processor seconds of each step."""
    seen: dict[str, list[list[dict[str, float]]]] = results["cost"]
    middle = {
        name: [
            {key: median(one[at][key] for one in rounds) for key in ("processor", "peak")}
            for at in range(len(STEPS))
        ]
        for name, rounds in seen.items()
    }
    ours = next(iter(middle.values()))
    lines = [
        "| tool | first load, s | to ours | nothing changed, s | to ours | 1 % changed, s"
        " | to ours | peak MB |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name, steps in middle.items():
        cells = [
            f"{step['processor']:.1f} | {step['processor'] / our['processor']:.1f}"
            for step, our in zip(steps, ours, strict=True)
        ]
        peak = max(step["peak"] for step in steps)
        lines.append(f"| {name} | {' | '.join(cells)} | {peak:.0f} |")
    return lines


def quota_table(results: dict[str, Any]) -> list[str]:
    """How each gets through a rate limit."""
    lines = [
        "| tool | exit code | records loaded | pages sent | answers 429 | wall s |",
        "|---|---|---|---|---|---|",
    ]
    return lines + [
        f"| {name} | {one['failed']} | {one['records']:,} | {one['pages']} | {one['refused']}"
        f" | {one['wall']:.0f} |"
        for name, one in results["quota"].items()
    ]


def correctness_table(results: dict[str, Any]) -> list[str]:
    """What each loses."""
    lines = [
        "| tool | drift: missing | after the next run | kill: pages of the second run |"
        " missing | twice | deleted: kept by the next run | by a full refresh |",
        "|---|---|---|---|---|---|---|---|",
    ]
    return lines + [
        f"| {name} | {one['drift']['missing']} | {one['drift']['missing_later']}"
        f" | {one['kill']['pages']} | {one['kill']['missing']} | {one['kill']['twice']}"
        f" | {one['deletion']['kept']} | {one['deletion']['kept_later']} |"
        for name, one in results["correctness"].items()
    ]


def tables(results: dict[str, Any]) -> str:
    """The results as Markdown."""
    packages = ", ".join(results["packages"].values())
    lines = [
        f"{results['orders']:,} work orders of 1.4 KB in pages of 200, {results['cores']} cores,"
        f" Python {results['python']}, {packages}, measured on {results['date']}; processor"
        f" seconds of whole processes, runs: {results['rounds']}:",
        "",
        *cost_table(results),
        "",
        f"A first load of {PAGES} pages at {LIMIT} requests a minute:",
        "",
        *quota_table(results),
        "",
        f"What is lost. Drift: {lists.MOVED} records of the first page change and"
        f" {lists.DELETED} are deleted before the second page is read. Kill: SIGKILL before page"
        f" {lists.KILLED_AT} of {lists.LONG // 200 + 1}. Deleted: {lists.MOVED} records, after the"
        " first run:",
        "",
        *correctness_table(results),
    ]
    return "\n".join(lines) + "\n"


@click.command()
@click.option("--orders", default=30_000, show_default=True)
@click.option("--rounds", default=1, show_default=True)
@click.option("--only", multiple=True, help="Part of a tool's name; can be repeated.")
@click.option("--part", "parts", multiple=True, type=click.Choice(["cost", "quota", "correctness"]))
@click.option(
    "--environments", type=click.Path(path_type=Path), help="Kept here; default: made anew."
)
@click.option("--write/--no-write", default=False, help="Replace the results and their tables.")
def main(  # noqa: PLR0917
    orders: int,
    rounds: int,
    only: tuple[str, ...],
    parts: tuple[str, ...],
    environments: Path | None,
    write: bool,
) -> None:
    """Measure the loaders beside dlt, PyAirbyte and Meltano's SDK."""
    with tempfile.TemporaryDirectory() as name:
        place = environments or Path(name) / "environments"
        install(place)
        work = Path(name)
        chosen = [
            peer
            for peer in peers(place.resolve())
            if not only or any(word in peer.name for word in only)
        ]
        kept = results_file("peers")
        results: dict[str, Any] = json.loads(kept.read_text()) if kept.exists() else {}
        results |= {
            "orders": orders,
            "rounds": rounds,
            "date": time.strftime("%Y-%m-%d"),
            "python": platform.python_version(),
            "cores": os.cpu_count(),
            "packages": {kind: package.replace("==", " ") for kind, package in PACKAGES.items()},
        }
        if not parts or "cost" in parts:
            results["cost"] = {}
            for _ in range(rounds):
                for peer in filter(lambda one: differs(one, "cost"), chosen):
                    results["cost"].setdefault(peer.name, []).append(cost(peer, orders, work))
        if not parts or "quota" in parts:
            # They wait most of the time.
            with ThreadPoolExecutor(len(chosen)) as pool:
                found = pool.map(lambda peer: quota(peer, work), chosen)
                results["quota"] = {peer.name: one for peer, one in zip(chosen, found, strict=True)}
        if not parts or "correctness" in parts:
            results["correctness"] = {
                peer.name: correctness(peer, work)
                for peer in chosen
                if differs(peer, "correctness")
            }
    if write:
        show("peers", tables(results), results)


if __name__ == "__main__":
    main()
