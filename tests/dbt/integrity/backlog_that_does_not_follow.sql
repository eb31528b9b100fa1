with

weeks as (

    select
        *,
        lag(open_orders, 1, 0) over (
            partition by organization_id, site_location_id
            order by week_start_on
        ) as former_open_orders
    from {{ ref('mart_backlog_weekly') }}

)

select
    organization_id,
    site_location_id,
    week_start_on,
    former_open_orders,
    opened_orders,
    closed_orders,
    open_orders
from weeks
where
    open_orders != former_open_orders + opened_orders - closed_orders
    or net_change != opened_orders - closed_orders
    or ready_orders > backlog_orders
    or backlog_orders > open_orders
