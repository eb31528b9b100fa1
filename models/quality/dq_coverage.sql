with

work_orders as (

    select * from {{ ref('fct_work_orders') }}

),

organizations as (

    select * from {{ ref('dim_organizations') }}

),

final as (

    select
        organizations.organization_id,
        count(work_orders.work_order_id) as work_orders,
        count(work_orders.asset_id) as work_orders_with_asset,
        count(work_orders.location_id) as work_orders_with_location,
        count(work_orders.due_at) as work_orders_with_due_date,
        count(case when work_orders.is_done then 1 end) as done_work_orders,
        count(case when work_orders.is_done and work_orders.logged_hours > 0 then 1 end)
            as done_work_orders_with_logged_time
    from organizations
    left join work_orders
        on
            organizations.organization_id = work_orders.organization_id
            and work_orders.is_counted
    group by organizations.organization_id

)

select * from final
