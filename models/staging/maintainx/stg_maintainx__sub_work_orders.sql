with

records as (

    {{
        newest_records(source('maintainx', 'sub_work_orders'), {
            'subworkorders': 'json',
        })
    }}

),

final as (

    select
        organization_id,
        id as work_order_id,
        {{ json_list('record.subworkorders') }} as sub_work_orders,
        is_deleted,
        deleted_at,
        extracted_at
    from records

)

select * from final
