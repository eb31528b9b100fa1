with

records as (

    {{ newest_records(source('maintainx', 'parts'), {
        'locationId': 'integer',
        'name': 'text',
        'description': 'text',
        'barcode': 'text',
        'area': 'text',
        'unitCost': 'integer',
        'availableQuantity': 'integer',
        'inStockQuantity': 'integer',
        'minimumQuantity': 'integer',
        'maximumQuantity': 'integer',
        'orderedQuantity': 'integer',
        'reservedQuantity': 'integer',
        'assignedQuantity': 'integer',
        'createdAt': 'text',
        'updatedAt': 'text',
        'locations': 'json',
        'partTypes': 'json',
        'committedQuantities': 'json',
        'vendors': 'json',
        'extraFields': 'json',
    }) }}

),

final as (

    select
        organization_id,
        id as part_id,
        record.locationId as location_id,
        record.name,
        record.description,
        record.barcode,
        record.area,
        record.unitCost as unit_cost_cents,
        record.availableQuantity as available_quantity,
        record.inStockQuantity as in_stock_quantity,
        record.minimumQuantity as minimum_quantity,
        record.maximumQuantity as maximum_quantity,
        record.orderedQuantity as ordered_quantity,
        record.reservedQuantity as reserved_quantity,
        record.assignedQuantity as assigned_quantity,
        {{ to_utc_timestamp('record.createdAt') }} as created_at,
        {{ to_utc_timestamp('record.updatedAt') }} as updated_at,
        {{ json_list('record.locations') }} as locations,
        {{ json_list('record.partTypes') }} as part_types,
        {{ json_object('record.committedQuantities') }} as committed_quantities,
        {{ json_list('record.vendors') }} as vendors,
        {{ json_object('record.extraFields') }} as extra_fields,
        is_deleted,
        deleted_at,
        extracted_at
    from records

)

select * from final
