with

work_orders as (

    select * from {{ ref('stg_maintainx__work_orders') }}

),

labels as (

    select
        work_orders.organization_id,
        work_orders.work_order_id,
        category as category_name,
        position
    from {{ json_elements('work_orders', 'categories', 'text', 'category') }}

),

final as (

    select
        organization_id,
        work_order_id,
        category_name,
        min(position) as position
    from labels
    where category_name != ''
    group by organization_id, work_order_id, category_name

)

select * from final
