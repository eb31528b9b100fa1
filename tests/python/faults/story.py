"""What the small warehouse of the faults has lived through, so that every table has a past."""

from threading import Event

from loaders.extract.options import Options
from loaders.extract.reconcile import read_source
from loaders.extract.run import Extraction
from loaders.maintainx.catalogue import CATALOGUE
from loaders.maintainx.client import Client
from loaders.maintainx.quota import Governor
from loaders.settings import Settings
from loaders.warehouse.file import RawFile
from tests.python.loaders.conftest import KEY, Loaders

NAMELESS = '{"title": "a record without an id"}'


def live_through(loaders: Loaders) -> None:
    """Three extracts with changes between them, and a reconciliation at the end."""
    sandbox = loaders.sandbox
    organization = sandbox.organization_ids[0]
    sandbox.raw_record("work_orders", organization, NAMELESS)
    loaders.extract("-q", expect=1)
    orders = sandbox.live("work_orders", organization)
    by_status = {order["status"]: order["id"] for order in orders}
    sandbox.update("work_orders", by_status["OPEN"], status="IN_PROGRESS", priority=None)
    sandbox.update("work_orders", by_status["DONE"], status="OPEN", dueDate=sandbox.now)
    changed = (by_status["OPEN"], by_status["DONE"])
    gone, back, *others = [order for order in orders if order["id"] not in changed]
    for order in (gone, back):
        sandbox.delete("work_orders", order["id"])
    left = next(order["id"] for order in others if order.get("assignees"))
    sandbox.update("work_orders", left, assignees=[])
    asset = sandbox.listed("assets", organization)[0]["id"]
    sandbox.update("assets", asset, name="Renamed press")
    part = sandbox.listed("parts", organization)[0]["id"]
    sandbox.update("parts", part, unitCost=4321)
    user = sandbox.listed("users", organization)[0]["id"]
    sandbox.update("users", user, hourlyRate=5432)
    talked = next(order for order in others if order.get("lastMessageSentAt"))["id"]
    sandbox.update("work_orders", talked, lastMessageSentAt=sandbox.now, _comments=[])
    loaders.extract(
        *("work_orders", "work_order_comments", "assets", "parts", "users", "--sweep", "-q")
    )
    sandbox.restore("work_orders", back["id"])
    sandbox.update("work_orders", by_status["OPEN"], status="ON_HOLD", priority="HIGH")
    loaders.extract("work_orders", "-q")
    read_the_source(loaders)


def read_the_source(loaders: Loaders) -> None:
    """What `python -m loaders reconcile` does before it has dbt compare."""
    stop = Event()
    settings = Settings(KEY, loaders.url, None, loaders.warehouse)
    options = Options(tuple(CATALOGUE.values()))
    with Client(settings, Governor(0.2, stop), stop, 60.0) as client:
        read_source(Extraction(settings, client, RawFile(loaders.warehouse), options))
