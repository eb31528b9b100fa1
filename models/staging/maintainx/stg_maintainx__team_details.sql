with

records as (

    {{ newest_records(source('maintainx', 'team_details'), {
        'description': 'text',
        'membersCount': 'integer',
        'assetIds': 'json',
        'locationIds': 'json',
    }) }}

),

final as (

    select
        organization_id,
        id as team_id,
        record.description,
        record.membersCount as member_count,
        {{ json_list('record.assetIds') }} as asset_ids,
        {{ json_list('record.locationIds') }} as location_ids,
        is_deleted,
        deleted_at,
        extracted_at
    from records

)

select * from final
