with

days as (

    select
        order_days.organization_id,
        count(*) as open_orders,
        count(case when not order_days.is_upcoming then 1 end) as backlog_orders
    from {{ ref('fct_work_order_days') }} as order_days
    inner join {{ ref('fct_work_orders') }} as work_orders
        on
            order_days.organization_id = work_orders.organization_id
            and order_days.work_order_id = work_orders.work_order_id
    where
        order_days.to_on is null
        and order_days.is_open
        and work_orders.is_counted
    group by order_days.organization_id

),

weeks as (

    select
        organization_id,
        open_orders,
        backlog_orders,
        rank() over (
            partition by organization_id, site_location_id
            order by week_start_on desc
        ) as weeks_back
    from {{ ref('mart_backlog_weekly') }}

),

newest_weeks as (

    select
        organization_id,
        sum(open_orders) as open_orders,
        sum(backlog_orders) as backlog_orders
    from weeks
    where weeks_back = 1
    group by organization_id

)

select
    days.organization_id,
    days.open_orders,
    newest_weeks.open_orders as open_orders_of_the_week,
    days.backlog_orders,
    newest_weeks.backlog_orders as backlog_orders_of_the_week
from days
left join newest_weeks
    on days.organization_id = newest_weeks.organization_id
where
    days.open_orders is distinct from newest_weeks.open_orders
    or days.backlog_orders is distinct from newest_weeks.backlog_orders
