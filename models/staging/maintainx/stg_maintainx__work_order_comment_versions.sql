with

records as (

    {{
        record_versions(source('maintainx', 'work_order_comments'), {
            'comments': 'json',
        })
    }}

),

final as (

    select
        organization_id,
        id as work_order_id,
        run_id,
        {{ json_list('record.comments') }} as comments,
        is_gone,
        extracted_at
    from records

)

select * from final
