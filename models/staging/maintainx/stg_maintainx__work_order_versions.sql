{{ incremental_by_key("stamps_of_log(source('maintainx', 'work_orders'))") }}

with

records as (

    {{ record_versions(touched(source('maintainx', 'work_orders'), 'id'), work_order_shape()) }}

),

final as (

    select
        organization_id,
        id as work_order_id,
        run_id,
        {{ work_order_columns() }},
        is_gone,
        is_deleted,
        deleted_at,
        source_updated_at,
        extracted_at
    from records

)

select * from final
