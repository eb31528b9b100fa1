with

records as (

    {{ newest_records(source('maintainx', 'asset_custom_statuses'), {
        'label': 'text',
        'baseAssetStatus': 'text',
        'downtimeType': 'text',
        'createdAt': 'text',
        'updatedAt': 'text',
    }) }}

),

final as (

    select
        organization_id,
        id as asset_custom_status_id,
        record.label,
        record.baseAssetStatus as base_asset_status,
        record.downtimeType as downtime_type,
        {{ to_utc_timestamp('record.createdAt') }} as created_at,
        {{ to_utc_timestamp('record.updatedAt') }} as updated_at,
        is_deleted,
        deleted_at,
        extracted_at
    from records

)

select * from final
