"""Each list by MaintainX's published API description: fields, expands, filters, orders.

A field `name` is omitted from an answer when null; `name*` is always sent.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

Record = dict[str, Any]
Fields = tuple[tuple[str, bool], ...]
NOTHING: Mapping[str, str] = MappingProxyType({})


def _fields(text: str) -> Fields:
    return tuple((name.rstrip("*"), name.endswith("*")) for name in text.split())


@dataclass(frozen=True)
class Parameter:
    """A filter. kind: integer, text, boolean, time or label. many: can be repeated.

    values: the allowed texts if the description lists them.
    """

    kind: str
    many: bool = True
    values: frozenset[str] = frozenset()


def _one_of(text: str) -> Parameter:
    return Parameter("text", values=frozenset(text.split()))


@dataclass(frozen=True)
class Shape:
    """Fields of a record in one kind of answer. expands: value of `expand` -> field it adds."""

    fields: Fields
    expands: Mapping[str, str]

    @classmethod
    def of(cls, fields: str, expands: Mapping[str, str] = NOTHING) -> "Shape":
        return cls(_fields(fields), MappingProxyType(dict(expands)))


@dataclass(frozen=True)
class List:
    """One list. name: as in the warehouse's `raw`; collection, record: the keys of its answers.

    detail None: no `path/{id}` exists. sorts: allowed values of `sort`.
    times: can be filtered by updatedAt and createdAt.
    positions: its cursor holds a position in the order; else it hides an offset.
    labels: may be filtered by custom field. several: knows x-organization-ids.
    """

    name: str
    path: str
    collection: str
    record: str
    listed: Shape
    detail: Shape | None
    filters: Mapping[str, Parameter] = field(default_factory=dict)
    sorts: tuple[str, ...] = ()
    order: str = "id"
    times: bool = False
    positions: bool = False
    labels: bool = False
    several: bool = False


INTEGERS = Parameter("integer")
TEXTS = Parameter("text")
TEXT = Parameter("text", many=False)
BOOLEAN = Parameter("boolean", many=False)
TIME = Parameter("time", many=False)
LABELS = Parameter("label")
PRIORITIES = _one_of("NONE LOW MEDIUM HIGH")

SUMMARY_OF_ASSET = _fields(
    "id* name* description* parentId* criticalityId* locationId* serialNumber* createdAt*"
    " updatedAt* creatorId*"
)
SUMMARY_OF_LOCATION = _fields("id* name* description address parentId createdAt updatedAt")

_WORK_ORDER = (
    "id* sequentialId* title* updatedAt* status* completedAt completerId createdAt* creatorId"
    " deletedAt description dueDate dueDateIsFullDay lastMessageSentAt startDate locationId nextId"
    " organizationId partsAvailability partStatus previousId priority recurrenceInfo requesterId"
    " type workOrderSummary"
)
_WORK_ORDER_COSTS = {
    "times": "times",
    "time_items": "timeItems",
    "expenditures": "expenditures",
    "extra_fields": "extraFields",
    "part_extra_fields": "",
    "asset_extra_fields": "",
    "location_extra_fields": "",
    "estimated_time": "estimatedTime",
}
_WORK_ORDER_LINKS = {
    "assignees": "assignees",
    "asset": "asset",
    "location": "location",
    "parts": "parts",
}
WORK_ORDER_DETAIL = Shape.of(
    _WORK_ORDER.replace(" creatorId ", " creatorId* ")
    + " assetId attachments categories externalData isParent parentId thumbnail"
    " vendorIds assigneeIds teamIds procedure progress",
    _WORK_ORDER_LINKS | _WORK_ORDER_COSTS,
)
SUB_WORK_ORDER = Shape.of(
    "id* sequentialId* assetId completedAt completerId createdAt creatorId deletedAt description"
    " dueDate lastMessageSentAt locationId nextId organizationId partsAvailability partStatus"
    " previousId priority requesterId startDate status* title* updatedAt*",
    _WORK_ORDER_LINKS | {"categories": "categories", "procedure": "procedure"} | _WORK_ORDER_COSTS,
)
_DEPRECIATED = {
    "team_ids": "teamIds",
    "asset_types": "assetTypes",
    "extra_fields": "extraFields",
    "vendor_ids": "vendorIds",
    "depreciation": "depreciation",
    "status": "status",
    "manufacturer": "manufacturer",
    "model": "model",
}
_PLACE = {
    "extra_fields": "extraFields",
    "team_ids": "teamIds",
    "vendor_ids": "vendorIds",
    "barcode": "barcode",
}
_METER_EXPANDS = {"asset": "asset", "location": "location", "last_reading": "lastReading"}
_REQUEST_EXPANDS = {
    "asset": "asset",
    "location": "location",
    "work_order": "workOrder",
    "extra_fields": "extraFields",
}
_REPORT_EXPANDS = {
    "main_asset": "mainAsset",
    "main_asset_status": "mainAssetStatus",
    "problems": "problems",
}
_REPORT = (
    "id* organizationId status* mainAssetId* mainAssetStatusId* createdAt* updatedAt* completedAt*"
    " incidentStartedAt* incidentEndedAt* incidentDuration* repairTime* notes* creatorId*"
    " updaterId* archivedAt* relatedAssetIds* workOrderIds*"
)
_REQUEST = (
    "id* title* attachments thumbnail priority* description requestStatus* assetId locationId"
    " workOrderId sendEmailNotification approverTeamId creatorContactInfo createdAt updatedAt"
)
_PLAN = Shape.of(
    "id* name* organizationId* startDate* workOrderStartDatePadding* workOrderStartDateOffset*"
    " workOrderStartDateFixedDay* blueprintEstimatedTime* triggerType* intervalStrategy*"
    " recurrence* planningHorizon* workOrderBlueprintId* assets* intervals* nextCycleOccurrence*"
    " nextScheduledWorkOrderDueDate* lastPlannedDueDate* nextWorkOrderGenerationAt*"
    " lastWorkOrderGeneratedAt* creatorId* createdAt* updatedAt* archivedAt*"
)
_TRANSFER = Shape.of(
    "id* quantityReceived quantityRequested* quantityTransferred requestMessage responseMessage"
    " status sourcePartId* destinationPartId* transferrerId requesterId destinationOrganizationId*"
    " sourceOrganizationId* sourceLocationId destinationLocations"
)
_STAMPS = ("id", "createdAt", "updatedAt")
CUSTOM_FIELDS = Shape.of("id* label* sortOrder* type* required unlisted options")

_LISTS = (
    List(
        "organizations",
        "organizations",
        "organizations",
        "organization",
        Shape.of("id* name* timeZone imageUrl currency dateFormatLocale"),
        None,
    ),
    List(
        "work_orders",
        "workorders",
        "workOrders",
        "workOrder",
        Shape.of(
            _WORK_ORDER,
            {
                "thumbnail": "thumbnail",
                "categories": "categories",
                "procedure": "procedure",
                "vendor_ids": "vendorIds",
            }
            | _WORK_ORDER_LINKS
            | _WORK_ORDER_COSTS,
        ),
        WORK_ORDER_DETAIL,
        {
            "title": TEXT,
            "assets": INTEGERS,
            "notAssets": INTEGERS,
            "locations": INTEGERS,
            "notLocations": INTEGERS,
            "parts": INTEGERS,
            "notParts": INTEGERS,
            "vendors": INTEGERS,
            "notVendors": INTEGERS,
            "assignees": INTEGERS,
            "teams": INTEGERS,
            "categories": LABELS,
            "notCategories": LABELS,
            "priorities": PRIORITIES,
            "statuses": _one_of("OPEN IN_PROGRESS ON_HOLD DONE CANCELED SKIPPED"),
            "partStatuses": _one_of("NO_PARTS ASSIGNED RESERVED KITTED STAGED ISSUED"),
            "parentSubWorkOrderTypes": _one_of("PARENT SUB_WORK_ORDER STANDALONE"),
            "show_upcoming": BOOLEAN,
        },
        sorts=("updatedAt", "createdAt", "dueDate", "startedAt", "completedAt"),
        times=True,
        positions=True,
    ),
    List(
        "assets",
        "assets",
        "assets",
        "asset",
        Shape.of(
            "id* name* description* parentId* criticalityId* locationId* serialNumber* createdAt*"
            " updatedAt* creatorId* organizationId",
            {"barcode": "barcode"} | _DEPRECIATED,
        ),
        Shape.of(
            "id* name* globalUuid currentOwnerId barcode description criticalityId teamIds"
            " assetTypes parentId childrenIds locationId serialNumber thumbnail attachments"
            " extraFields vendorIds createdAt updatedAt deletedAt creatorId depreciation"
            " manufacturer model status"
        ),
        {"locationId": Parameter("integer", many=False), "manufacturer": TEXTS, "model": TEXTS},
        sorts=_STAMPS,
        times=True,
        labels=True,
        several=True,
    ),
    List(
        "asset_statuses",
        "assetstatuses",
        "assetStatuses",
        "assetStatus",
        Shape.of(
            "id customStatusId assetId status downtimeType startedAt endedAt organizationId"
            " creatorId updaterId createdAt updatedAt deletedAt description"
        ),
        None,
        {"assetId": INTEGERS},
        sorts=("createdAt", "updatedAt", "startedAt", "endedAt"),
        order="-createdAt",
    ),
    List(
        "asset_criticalities",
        "assetcriticalities",
        "assetCriticalities",
        "assetCriticality",
        Shape.of("id* label* level*"),
        Shape.of("id* label* level*"),
        {"label": TEXT, "level": Parameter("integer", many=False)},
    ),
    List(
        "asset_custom_statuses",
        "assetcustomstatuses",
        "assetCustomStatuses",
        "assetCustomStatus",
        Shape.of("id* label* baseAssetStatus* downtimeType createdAt updatedAt"),
        Shape.of("id* baseAssetStatus* label* createdAt updatedAt deletedAt downtimeType"),
    ),
    List(
        "locations",
        "locations",
        "locations",
        "location",
        Shape.of(
            "id* name* description address parentId createdAt updatedAt organizationId", _PLACE
        ),
        Shape.of(
            "id* name* description address barcode parentId childrenIds thumbnail attachments"
            " extraFields teamIds vendorIds createdAt updatedAt deletedAt"
        ),
        {"name": TEXT},
        labels=True,
        several=True,
    ),
    List(
        "users",
        "users",
        "users",
        "user",
        Shape.of(
            "id* firstName* lastName* email phoneNumber authType hourlyRate lastVisitedAt",
            {"role": "role", "extra_fields": "extraFields"},
        ),
        Shape.of(
            "id* firstName* lastName* role customRole email phoneNumber removedFromOrganization"
            " authType hourlyRate externalData extraFields lastVisitedAt"
        ),
        {"onlyAssignable": BOOLEAN, "email": TEXTS},
    ),
    List(
        "teams",
        "teams",
        "teams",
        "team",
        Shape.of("id* name*"),
        Shape.of("id* name* description assetIds membersCount* locationIds"),
    ),
    List(
        "categories",
        "categories",
        "categories",
        "category",
        Shape.of("id* label* description"),
        Shape.of("id* label* description workOrderCount updatedAt"),
    ),
    List(
        "parts",
        "parts",
        "parts",
        "part",
        Shape.of(
            "id* name* description* barcode* locationId* locations* area* unitCost*"
            " availableQuantity* minimumQuantity* orderedQuantity* reservedQuantity* partTypes*"
            " createdAt* updatedAt* inStockQuantity committedQuantities assignedQuantity"
            " maximumQuantity organizationId",
            {"extra_fields": "extraFields", "vendors": "vendors"},
        ),
        Shape.of(
            "id* name* description area unitCost availableQuantity inStockQuantity minimumQuantity"
            " barcode locationId locations partTypes assetIds teamIds extraFields vendors"
            " orderedQuantity reservedQuantity committedQuantities assignedQuantity"
            " maximumQuantity vendorIds thumbnail attachments createdAt* updatedAt* deletedAt"
        ),
        {"partNumber": TEXTS},
        sorts=_STAMPS,
        times=True,
        labels=True,
        several=True,
    ),
    List(
        "purchase_orders",
        "purchaseorders",
        "purchaseOrders",
        "purchaseOrder",
        Shape.of("id* status* updatedAt createdAt"),
        Shape.of(
            "id* note* title* reviewNote* status* dueDate* creatorId* vendorId*"
            " autoGeneratedNumber* overrideNumber* approverId* approvalDate* createdAt* updatedAt*"
            " deletedAt* items* costs* thumbnail* attachments* vendorContactIds* shippingAddress*"
            " billingAddress* extraFields*"
        ),
        sorts=_STAMPS,
        times=True,
        labels=True,
    ),
    List(
        "vendors",
        "vendors",
        "vendors",
        "vendor",
        Shape.of("id* name*", {"extra_fields": "extraFields"}),
        Shape.of(
            "id* name* emails phoneNumbers description thumbnail attachments contactIds deletedAt"
            " extraFields"
        ),
        labels=True,
    ),
    List(
        "meters",
        "meters",
        "meters",
        "meter",
        Shape.of("id* name* unit* measurementType*", _METER_EXPANDS),
        Shape.of(
            "id* assetId* locationId* creatorId* updaterId* name* uuid* description*"
            " measurementType* readingFrequency* unit* createdAt* updatedAt* deletedAt*",
            _METER_EXPANDS,
        ),
        {
            "measurementType": Parameter(
                "text", many=False, values=frozenset({"MANUAL", "IOT_DEVICE", "AUTOMATED_SENSOR"})
            ),
            "assets": INTEGERS,
        },
    ),
    List(
        "meter_triggers",
        "metertriggers",
        "meterTriggers",
        "meterTrigger",
        Shape.of("id* name* meterId*"),
        Shape.of(
            "id* meterId* organizationId* amount* condition* createdAt* creatorId* dataPoints*"
            " deletedAt* description* minDateForProcessing* name* nextTriggerValue* period* state*"
            " updatedAt* workOrderTemplateId*",
            {"work_order_template": "workOrderTemplate"},
        ),
        {"meters": INTEGERS},
    ),
    List(
        "work_requests",
        "workrequests",
        "workRequests",
        "workRequest",
        Shape.of(_REQUEST, _REQUEST_EXPANDS),
        Shape.of(_REQUEST, _REQUEST_EXPANDS),
        {
            "title": TEXT,
            "assets": INTEGERS,
            "locations": INTEGERS,
            "priorities": PRIORITIES,
            "statuses": _one_of("PENDING REJECTED APPROVED DONE"),
        },
    ),
    List(
        "maintenance_plans",
        "maintenanceplans",
        "maintenancePlans",
        "maintenancePlan",
        _PLAN,
        _PLAN,
    ),
    List(
        "procedure_templates",
        "proceduretemplates",
        "procedureTemplates",
        "procedureTemplate",
        Shape.of("id* title*", {"rows": "rows"}),
        Shape.of("id* title* createdAt* deletedAt* updatedAt*", {"rows": "rows"}),
    ),
    List(
        "manufacturers",
        "manufacturers",
        "manufacturers",
        "manufacturer",
        Shape.of("id* name* organizationId"),
        Shape.of("id* name*"),
        several=True,
    ),
    List(
        "models",
        "models",
        "models",
        "model",
        Shape.of("id* name* manufacturerId organizationId"),
        Shape.of("id* name* manufacturerId"),
        several=True,
    ),
    List(
        "part_transfer_requests",
        "parttransferrequests",
        "partTransferRequests",
        "partTransferRequest",
        _TRANSFER,
        _TRANSFER,
        {"statuses": _one_of("APPROVED CANCELED COMPLETED DECLINED PENDING")},
    ),
    List(
        "root_cause_analysis_reports",
        "rootcauseanalysisreports",
        "rootCauseAnalysisReports",
        "rootCauseAnalysisReport",
        Shape.of(_REPORT, _REPORT_EXPANDS),
        Shape.of(_REPORT, _REPORT_EXPANDS | {"work_orders": "workOrders"}),
        {
            "assets": INTEGERS,
            "statuses": _one_of("DONE DRAFT"),
            "creators": INTEGERS,
            "archived": BOOLEAN,
            "createdAfter": TIME,
            "createdBefore": TIME,
        },
    ),
    List(
        "work_request_portals",
        "workrequestportals",
        "workRequestPortals",
        "workRequestPortal",
        Shape.of(
            "id* title* portalUrl* welcomeText* descriptionPlaceholder* contactInformation*"
            " assetId* locationId* emailOnly* sendEmailNotification*"
        ),
        Shape.of(
            "id* title welcomeText descriptionPlaceholder contactInformation portalUrl locationId"
            " assetId emailOnly sendEmailNotification"
        ),
    ),
)

# Lists of the warehouse that are a subset of another list: that list, and the selecting flag.
SELECTIONS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {"parent_work_orders": ("work_orders", "isParent")}
)
LISTS: Mapping[str, List] = MappingProxyType({row.name: row for row in _LISTS})
BY_PATH: Mapping[str, List] = MappingProxyType({row.path: row for row in _LISTS})
