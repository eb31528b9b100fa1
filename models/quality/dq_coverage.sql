with

work_orders as (

    select * from {{ ref('fct_work_orders') }}

),

staged_work_orders as (

    select * from {{ ref('stg_maintainx__work_orders') }}

),

organizations as (

    select * from {{ ref('dim_organizations') }}

),

work_orders_with_logged_time as (

    select distinct
        staged_work_orders.organization_id,
        staged_work_orders.work_order_id
    from staged_work_orders
    cross join
        {{ json_elements(
            'staged_work_orders.time_items',
            {'type': 'text', 'quantity': 'number', 'durationTotal': 'number'},
            'item'
        ) }}
    where item.type = 'TIME' and (item.durationTotal > 0 or item.quantity > 0)

),

final as (

    select
        organizations.organization_id,
        count(work_orders.work_order_id) as work_orders,
        count(work_orders.asset_id) as work_orders_with_asset,
        count(work_orders.location_id) as work_orders_with_location,
        count(work_orders.due_at) as work_orders_with_due_date,
        count(case when work_orders.is_done then 1 end) as done_work_orders,
        count(case when work_orders.is_done then logged.work_order_id end)
            as done_work_orders_with_logged_time
    from organizations
    left join work_orders
        on organizations.organization_id = work_orders.organization_id
    left join work_orders_with_logged_time as logged
        on
            work_orders.organization_id = logged.organization_id
            and work_orders.work_order_id = logged.work_order_id
    group by organizations.organization_id

)

select * from final
