with

records as (

    {{ newest_records(source('maintainx', 'meter_details'), {
        'creatorId': 'integer',
        'updaterId': 'integer',
        'uuid': 'text',
        'description': 'text',
        'readingFrequency': 'json',
        'createdAt': 'text',
        'updatedAt': 'text',
    }) }}

),

final as (

    select
        organization_id,
        id as meter_id,
        record.creatorId as creator_id,
        record.updaterId as updater_id,
        record.uuid as meter_uuid,
        record.description,
        {{ json_object('record.readingFrequency') }} as reading_frequency,
        {{ to_utc_timestamp('record.createdAt') }} as created_at,
        {{ to_utc_timestamp('record.updatedAt') }} as updated_at,
        is_deleted,
        deleted_at,
        extracted_at
    from records

)

select * from final
