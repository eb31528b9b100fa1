with

records as (

    {{ newest_records(source('maintainx', 'parent_work_orders'), {}) }}

),

final as (

    select
        organization_id,
        id as work_order_id,
        is_deleted,
        deleted_at,
        extracted_at
    from records

)

select * from final
