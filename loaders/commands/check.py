"""`python -m loaders check`."""

import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import click

from loaders import settings
from loaders.commands.console import columns
from loaders.commands.running import Reading, reading_options
from loaders.errors import ForbiddenError, LoaderError
from loaders.maintainx.account import organizations
from loaders.maintainx.catalogue import Resource, Strategy, named
from loaders.maintainx.client import Client
from loaders.maintainx.records import read_page
from loaders.printing import say


@click.command("check")
@click.argument("lists", nargs=-1, metavar="[LIST ...]")
@reading_options
def command(lists: tuple[str, ...], reading: Reading) -> None:
    """Verify the key, the organizations and the permission to read each list.

    Requests one record of each list. Exit code 1 if a list cannot be read, unless MaintainX answers
    403: it is not on the account's plan then.

    \b
    Examples:
      python -m loaders check
      python -m loaders check work_orders assets
    """
    reading.set_up_logging()
    configured = settings.from_environment()
    with reading.client(configured, threading.Event()) as client:
        pages, refusal = organizations(client, configured.organization_ids)
        say(f"{configured.base_url} accepts the key")
        for number, page in pages.items():
            names = [str(record.data.get("name", "")) for record in page.records]
            say(f"organization {number} {' '.join(' '.join(names).split())}".rstrip())
        if refusal is not None:
            say(
                f"no list of organizations ({refusal}); set MAINTAINX_ORGANIZATION_IDS to choose"
                " which to read"
            )
        tasks = [
            (number, resource)
            for number in pages
            for resource in named(lists)
            if resource.name != "organizations"
        ]
        with ThreadPoolExecutor(reading.workers) as pool:
            answers = list(pool.map(lambda task: _probe(client, *task), tasks))
    rows = [
        [resource.name, str(number), answer]
        for (number, resource), answer in zip(tasks, answers, strict=True)
    ]
    say(columns(["list", "organization", "readable"], rows))
    unreadable = sum(answer.startswith("no:") for answer in answers)
    if unreadable:
        say(
            f"{unreadable} of {len(answers)} cannot be read: follow the message of each, then run"
            " `check` again. If it stays, report the message to MaintainX support."
        )
    forbidden = sum(answer.startswith("not on") for answer in answers)
    if forbidden:
        say(
            f"{forbidden} of {len(answers)} are not on your plan or not allowed to this key: their"
            " tables stay empty. If you need them, use a key of an administrator or ask MaintainX"
            " about your plan."
        )
    sys.exit(int(unreadable > 0))


def _probe(client: Client, organization: int, resource: Resource) -> str:
    query = {} if resource.collection is None else {"limit": "1"}
    if resource.strategy is Strategy.CHANGED_SINCE:
        query["sort"] = "updatedAt"
    try:
        client.get(
            resource.path,
            query,
            organization,
            lambda content: read_page(content, resource.collection),
        )
    except ForbiddenError:
        return "not on this account's plan (403)"
    except LoaderError as error:
        return f"no: {error}"
    return "yes"
