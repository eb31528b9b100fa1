with

assigned as (

    select distinct
        organization_id,
        work_order_id
    from {{ ref('bridge_work_order_assignees') }}

),

orders as (

    select
        work_orders.organization_id,
        {{ sum_hours('work_orders.imputed_hours') }} as imputed_hours
    from {{ ref('fct_work_orders') }} as work_orders
    inner join assigned
        on
            work_orders.organization_id = assigned.organization_id
            and work_orders.work_order_id = assigned.work_order_id
    where
        work_orders.is_open
        and work_orders.is_counted
    group by work_orders.organization_id

),

loads as (

    select
        organization_id,
        sum(coalesce(imputed_hours, 0)) as imputed_hours
    from {{ ref('mart_workload_weekly') }}
    group by organization_id

)

select
    orders.organization_id,
    orders.imputed_hours,
    loads.imputed_hours as imputed_hours_of_assignees
from orders
left join loads
    on orders.organization_id = loads.organization_id
where coalesce(abs(orders.imputed_hours - loads.imputed_hours) > 0.01, true)
