with

records as (

    {{ newest_records(source('maintainx', 'work_orders'), work_order_shape()) }}

),

final as (

    select
        organization_id,
        id as work_order_id,
        {{ work_order_columns() }},
        is_deleted,
        deleted_at,
        extracted_at
    from records

)

select * from final
