with

due_orders as (

    select
        orders.organization_id,
        coalesce(orders.site_location_id, 0) as site_location_id,
        order_teams.team_id,
        cast(date_trunc('month', orders.due_on) as date) as month_start_on,
        orders.is_done,
        orders.is_done_by_due,
        case
            when orders.is_done and coalesce(orders.completed_at >= orders.created_at, true)
                then orders.completed_at
        end as done_at,
        orders.deadline_at,
        to_seconds(cast(86400 * least(0.2 * coalesce(orders.interval_days, 0), 28) as bigint))
            as tolerance
    from marts.fct_work_orders as orders
    inner join order_teams using (organization_id, work_order_id)
    inner join marts.dim_organizations as organizations using (organization_id)
    where
        orders.work_type = 'PREVENTIVE'
        and orders.counts_by_due_date
        and date_trunc('month', orders.due_on)
        <= date_trunc('month', timezone(orders.time_zone, timezone('UTC', organizations.as_of_at)))

)

select
    organization_id,
    site_location_id,
    team_id,
    month_start_on,
    count(*) as due_orders,
    count(*) filter (is_done_by_due) as done_by_due,
    count(*) filter (done_at <= deadline_at + interval 1 day) as done_within_day,
    count(*) filter (done_at <= deadline_at + tolerance) as done_within_tolerance,
    count(*) filter (is_done) as done_orders,
    count(*) filter (done_at is not null) as done_with_time
from due_orders
group by all
