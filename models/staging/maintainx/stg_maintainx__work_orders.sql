{{ incremental_by_key("stamps_of_log(source('maintainx', 'work_orders'))") }}

with

records as (

    {{ newest_records(touched(source('maintainx', 'work_orders'), 'id'), work_order_shape()) }}

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
