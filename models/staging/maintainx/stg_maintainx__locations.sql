with

records as (

    {{ newest_records(source('maintainx', 'locations'), {
        'parentId': 'integer',
        'name': 'text',
        'description': 'text',
        'address': 'text',
        'barcode': 'text',
        'createdAt': 'text',
        'updatedAt': 'text',
        'teamIds': 'json',
        'vendorIds': 'json',
        'extraFields': 'json',
    }) }}

),

final as (

    select
        organization_id,
        id as location_id,
        record.parentId as parent_location_id,
        record.name,
        record.description,
        record.address,
        record.barcode,
        {{ to_utc_timestamp('record.createdAt') }} as created_at,
        {{ to_utc_timestamp('record.updatedAt') }} as updated_at,
        {{ json_list('record.teamIds') }} as team_ids,
        {{ json_list('record.vendorIds') }} as vendor_ids,
        {{ json_object('record.extraFields') }} as extra_fields,
        is_deleted,
        deleted_at,
        extracted_at
    from records

)

select * from final
