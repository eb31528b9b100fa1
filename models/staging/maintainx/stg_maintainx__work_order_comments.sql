with

records as (

    {{
        newest_records(source('maintainx', 'work_order_comments'), {
            'comments': 'json',
        })
    }}

),

final as (

    select
        organization_id,
        id as work_order_id,
        {{ json_list('record.comments') }} as comments,
        is_deleted,
        deleted_at,
        extracted_at
    from records

)

select * from final
