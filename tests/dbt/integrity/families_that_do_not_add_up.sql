with

work_orders as (

    select * from {{ ref('fct_work_orders') }}

),

subs as (

    select
        organization_id,
        parent_work_order_id,
        count(*) as sub_work_order_count,
        sum(logged_hours) as logged_hours,
        sum(total_cost) as total_cost
    from work_orders
    where parent_work_order_id is not null
    group by organization_id, parent_work_order_id

),

final as (

    select
        work_orders.organization_id,
        work_orders.work_order_id,
        work_orders.total_cost_with_sub_work_orders,
        work_orders.total_cost + coalesce(subs.total_cost, 0) as total_cost_of_parts
    from work_orders
    left join subs
        on
            work_orders.organization_id = subs.organization_id
            and work_orders.work_order_id = subs.parent_work_order_id
    where
        work_orders.sub_work_order_count != coalesce(subs.sub_work_order_count, 0)
        or work_orders.total_cost_with_sub_work_orders
        != work_orders.total_cost + coalesce(subs.total_cost, 0)
        or abs(
            work_orders.logged_hours_with_sub_work_orders
            - work_orders.logged_hours - coalesce(subs.logged_hours, 0)
        ) > 0.001

)

select * from final
