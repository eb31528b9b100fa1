"""The fields of the lists that peers load, for those that need a schema. Imports nothing."""

KEYS = {"workorders": "workOrders", "parts": "parts"}
TYPES = {
    "integer": "assetId availableQuantity creatorId id locationId minimumQuantity organizationId"
    " parentId sequentialId unitCost",
    "string": "area barcode completedAt createdAt description dueDate name partsAvailability"
    " priority status title type updatedAt",
    "array": "assignees categories expenditures parts timeItems vendorIds",
    "object": "asset extraFields",
}
FIELDS = {
    "workorders": "assetId assignees asset categories completedAt createdAt creatorId description"
    " dueDate expenditures extraFields id locationId organizationId parentId parts"
    " partsAvailability priority sequentialId status timeItems title type updatedAt vendorIds",
    "parts": "area availableQuantity barcode createdAt description id minimumQuantity name"
    " organizationId unitCost updatedAt",
}
_TYPE_OF = {name: kind for kind, names in TYPES.items() for name in names.split()}
SCHEMAS = {
    path: {
        "type": "object",
        "$schema": "http://json-schema.org/draft-07/schema#",
        "additionalProperties": True,
        "properties": {
            name: {"type": [_TYPE_OF[name], "null"]}
            | ({"items": {}} if _TYPE_OF[name] == "array" else {})
            for name in names.split()
        },
    }
    for path, names in FIELDS.items()
}
