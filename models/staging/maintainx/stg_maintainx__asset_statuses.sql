with

records as (

    {{ newest_records(source('maintainx', 'asset_statuses'), {
        'assetId': 'integer',
        'customStatusId': 'integer',
        'creatorId': 'integer',
        'updaterId': 'integer',
        'status': 'text',
        'downtimeType': 'text',
        'description': 'text',
        'startedAt': 'text',
        'endedAt': 'text',
        'createdAt': 'text',
        'updatedAt': 'text',
    }) }}

),

final as (

    select
        organization_id,
        id as asset_status_id,
        record.assetId as asset_id,
        record.customStatusId as custom_status_id,
        record.creatorId as creator_id,
        record.updaterId as updater_id,
        record.status,
        record.downtimeType as downtime_type,
        record.description,
        {{ to_utc_timestamp('record.startedAt') }} as started_at,
        {{ to_utc_timestamp('record.endedAt') }} as ended_at,
        {{ to_utc_timestamp('record.createdAt') }} as created_at,
        {{ to_utc_timestamp('record.updatedAt') }} as updated_at,
        is_deleted,
        deleted_at,
        extracted_at
    from records

)

select * from final
