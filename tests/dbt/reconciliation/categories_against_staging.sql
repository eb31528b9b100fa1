with

labels as (

    select
        work_orders.organization_id,
        work_orders.work_order_id,
        category as category_name
    from
        {{
            json_elements(
                ref('stg_maintainx__work_orders'), 'categories', 'text', 'category', name='work_orders'
            )
        }}

),

staged as (

    select
        labels.organization_id,
        labels.work_order_id,
        labels.category_name
    from labels
    inner join {{ ref('fct_work_orders') }} as work_orders
        on
            labels.organization_id = work_orders.organization_id
            and labels.work_order_id = work_orders.work_order_id
    where labels.category_name != ''

),

bridged as (

    select
        organization_id,
        work_order_id,
        category_name
    from {{ ref('bridge_work_order_categories') }}

),

{{ differences('staged', 'bridged') }}

select * from final
