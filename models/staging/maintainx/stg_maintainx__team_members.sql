with

records as (

    {{
        newest_records(source('maintainx', 'team_members'), {
            'members': 'json',
        })
    }}

),

final as (

    select
        organization_id,
        id as team_id,
        {{ json_list('record.members') }} as members,
        is_deleted,
        deleted_at,
        extracted_at
    from records

)

select * from final
