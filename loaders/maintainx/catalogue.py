"""The catalogue: one row per MaintainX list, and one per kind of details of its records.

A new one needs a row here, a source and a staging model.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType

from loaders.errors import SettingsError, did_you_mean

HOUR = timedelta(hours=1)
PAGE_SIZE = 200
NO_PARAMETERS: Mapping[str, str] = MappingProxyType({})


class Strategy(StrEnum):
    """How a list is kept up to date after its first full read."""

    CHANGED_SINCE = "changed since"
    NEWEST_FIRST = "newest first"
    WHOLE_LIST = "whole list"

    @property
    def later_walk(self) -> str:
        """The read that finds what is new since an earlier one."""
        return {"changed since": "changes", "newest first": "newest"}.get(self.value, "whole")


@dataclass(frozen=True)
class Resource:
    """One list of MaintainX.

    name: the list's name on the command line and its table in `raw`.
    path: relative to the base URL.
    collection: key of the records; None if the answer is a bare array without pages.
    record: key of one record at `path/{id}`; None if that path does not exist.
    expand: fields that MaintainX sends only on request.
    parameters: sent with every page.
    strategy: how changes are found.
    interval: with `--due`, a whole list is skipped if it was read less than this long ago.
    offset_paging: the cursor encodes an offset, so a list that changes can skip a record.
    detail_is_payload: the list gives a stub; the record is loaded from `path/{id}`.
    labour: labour, costs and parts change without `updatedAt`; they are read at an interval.
    flag: the list is a subset; a record without this flag at `path/{id}` has left it.
    """

    name: str
    path: str
    collection: str | None
    record: str | None
    expand: tuple[str, ...] = ()
    parameters: Mapping[str, str] = field(default_factory=lambda: NO_PARAMETERS)
    strategy: Strategy = Strategy.WHOLE_LIST
    interval: timedelta = HOUR
    offset_paging: bool = True
    detail_is_payload: bool = False
    labour: bool = False
    flag: str | None = None


CUSTOM_FIELD_ENTITIES = {
    "assets": "assets",
    "locations": "locations",
    "parts": "parts",
    "work_orders": "workOrders",
    "vendors": "vendors",
    "purchase_orders": "purchaseOrders",
    "line_item_purchase_orders": "lineItemPurchaseOrders",
}

_CATALOGUE = (
    Resource("organizations", "/organizations", "organizations", None, interval=24 * HOUR),
    Resource(
        "work_orders",
        "/workorders",
        "workOrders",
        "workOrder",
        expand=(
            "assignees",
            "categories",
            "parts",
            "asset",
            "procedure",
            "time_items",
            "expenditures",
            "extra_fields",
            "vendor_ids",
            "estimated_time",
        ),
        parameters={"show_upcoming": "true"},
        strategy=Strategy.CHANGED_SINCE,
        offset_paging=False,
        labour=True,
    ),
    Resource(
        "parent_work_orders",
        "/workorders",
        "workOrders",
        "workOrder",
        parameters={"show_upcoming": "true", "parentSubWorkOrderTypes": "PARENT"},
        strategy=Strategy.CHANGED_SINCE,
        offset_paging=False,
        flag="isParent",
    ),
    Resource(
        "assets",
        "/assets",
        "assets",
        "asset",
        expand=(
            "barcode",
            "team_ids",
            "asset_types",
            "extra_fields",
            "vendor_ids",
            "depreciation",
            "status",
            "manufacturer",
            "model",
        ),
        strategy=Strategy.CHANGED_SINCE,
    ),
    Resource(
        "asset_statuses",
        "/assetstatuses",
        "assetStatuses",
        None,
        strategy=Strategy.NEWEST_FIRST,
    ),
    Resource(
        "asset_criticalities",
        "/assetcriticalities",
        "assetCriticalities",
        "assetCriticality",
        interval=24 * HOUR,
    ),
    Resource(
        "asset_custom_statuses",
        "/assetcustomstatuses",
        "assetCustomStatuses",
        "assetCustomStatus",
        interval=24 * HOUR,
    ),
    Resource(
        "locations",
        "/locations",
        "locations",
        "location",
        expand=("extra_fields", "team_ids", "vendor_ids", "barcode"),
        interval=6 * HOUR,
    ),
    Resource(
        "users", "/users", "users", "user", expand=("role", "extra_fields"), interval=6 * HOUR
    ),
    Resource("teams", "/teams", "teams", "team", interval=6 * HOUR),
    Resource("categories", "/categories", "categories", "category", interval=6 * HOUR),
    Resource(
        "parts",
        "/parts",
        "parts",
        "part",
        expand=("extra_fields", "vendors"),
        strategy=Strategy.CHANGED_SINCE,
    ),
    Resource(
        "purchase_orders",
        "/purchaseorders",
        "purchaseOrders",
        "purchaseOrder",
        strategy=Strategy.CHANGED_SINCE,
        detail_is_payload=True,
    ),
    Resource(
        "vendors", "/vendors", "vendors", "vendor", expand=("extra_fields",), interval=6 * HOUR
    ),
    Resource("meters", "/meters", "meters", "meter", expand=("asset", "location", "last_reading")),
    Resource(
        "meter_triggers", "/metertriggers", "meterTriggers", "meterTrigger", interval=6 * HOUR
    ),
    Resource(
        "work_requests", "/workrequests", "workRequests", "workRequest", expand=("extra_fields",)
    ),
    Resource(
        "maintenance_plans",
        "/maintenanceplans",
        "maintenancePlans",
        "maintenancePlan",
        interval=6 * HOUR,
    ),
    Resource(
        "procedure_templates",
        "/proceduretemplates",
        "procedureTemplates",
        "procedureTemplate",
        expand=("rows",),
        interval=24 * HOUR,
    ),
    Resource(
        "manufacturers", "/manufacturers", "manufacturers", "manufacturer", interval=24 * HOUR
    ),
    Resource("models", "/models", "models", "model", interval=24 * HOUR),
    Resource(
        "part_transfer_requests",
        "/parttransferrequests",
        "partTransferRequests",
        "partTransferRequest",
    ),
    Resource(
        "root_cause_analysis_reports",
        "/rootcauseanalysisreports",
        "rootCauseAnalysisReports",
        "rootCauseAnalysisReport",
        expand=("problems",),
        interval=6 * HOUR,
    ),
    Resource(
        "work_request_portals",
        "/workrequestportals",
        "workRequestPortals",
        "workRequestPortal",
        interval=24 * HOUR,
    ),
    *(
        Resource(f"custom_fields_{name}", f"/customfields/{entity}", None, None, interval=24 * HOUR)
        for name, entity in CUSTOM_FIELD_ENTITIES.items()
    ),
)

CATALOGUE: Mapping[str, Resource] = MappingProxyType({row.name: row for row in _CATALOGUE})


@dataclass(frozen=True)
class Detail:
    """What MaintainX tells only at an address below each record of a list, its parent.

    The raw table has one row per parent: its id, and the whole answer of its address. So the answer
    of one parent is the whole truth about that parent.

    name: the table in `raw` and the name on the command line.
    parent: the list in the catalogue whose records have the address.
    path: the address; {id} stands for the id of the parent.
    collection: key of the elements in a page; None where the address answers one record.
    record: key of that record.
    mark: field of the parent; when it moves, the parent is due. A parent without it never is. None:
      the interval alone makes parents due.
    named_in: list whose records the elements are: a parent is also due when one of them moves.
    interval: a parent is due if it was read this long ago; None: only the mark makes it due.
    recent: parents whose mark, a time, is older than the newest one by more are never due.
    """

    name: str
    parent: str
    path: str
    collection: str | None = None
    record: str | None = None
    mark: str | None = None
    named_in: str | None = None
    interval: timedelta | None = None
    recent: timedelta | None = None


# In the order in which they are read, those of few parents first: a backfill of comments can take
# all requests of many runs.
_DETAILS = (
    Detail("team_members", "teams", "/teams/{id}/members", "members", interval=24 * HOUR),
    Detail(
        "sub_work_orders",
        "parent_work_orders",
        "/workorders/{id}/subworkorders",
        "subworkorders",
        mark="updatedAt",
        named_in="work_orders",
        interval=7 * 24 * HOUR,
    ),
    Detail(
        "vendor_contacts",
        "vendors",
        "/vendors/{id}/contacts",
        "contacts",
        interval=7 * 24 * HOUR,
    ),
    Detail(
        "work_order_comments",
        "work_orders",
        "/workorders/{id}/comments",
        "comments",
        mark="lastMessageSentAt",
    ),
    Detail("meter_details", "meters", "/meters/{id}", record="meter", interval=7 * 24 * HOUR),
    Detail(
        "meter_trigger_details",
        "meter_triggers",
        "/metertriggers/{id}",
        record="meterTrigger",
        interval=7 * 24 * HOUR,
    ),
    Detail("team_details", "teams", "/teams/{id}", record="team", interval=7 * 24 * HOUR),
    Detail("vendor_details", "vendors", "/vendors/{id}", record="vendor", interval=7 * 24 * HOUR),
    # Not all of them: each costs a request, and raw would hold every order twice.
    Detail(
        "work_order_details",
        "work_orders",
        "/workorders/{id}",
        record="workOrder",
        mark="updatedAt",
        recent=30 * 24 * HOUR,
    ),
)

DETAILS: Mapping[str, Detail] = MappingProxyType({row.name: row for row in _DETAILS})
# Raw tables, in the order of status.
TABLES = (*CATALOGUE, *DETAILS)


def named(names: tuple[str, ...]) -> list[Resource]:
    """Lists with these names, or all if none is given. Raises SettingsError."""
    _refuse_unknown(names, CATALOGUE)
    return [row for row in CATALOGUE.values() if not names or row.name in names]


def named_with_details(names: tuple[str, ...]) -> tuple[list[Resource], list[Detail]]:
    """Lists and details with these names, or all if none is given. Raises SettingsError."""
    _refuse_unknown(names, TABLES)
    return (
        [row for row in CATALOGUE.values() if not names or row.name in names],
        [row for row in DETAILS.values() if not names or row.name in names],
    )


def _refuse_unknown(names: tuple[str, ...], possible: Collection[str]) -> None:
    unknown = sorted(set(names) - set(possible))
    if unknown:
        wrong = ", ".join(name + did_you_mean(name, possible) for name in unknown)
        raise SettingsError(f"no list is named {wrong}; choose from {', '.join(possible)}")
