select
    orders.organization_id,
    coalesce(orders.site_location_id, 0) as site_location_id,
    order_teams.team_id,
    cast(date_trunc('month', orders.completed_on) as date) as month_start_on,
    count(*) as done_orders,
    count(*) filter (orders.work_type = 'REACTIVE') as reactive_orders,
    count(*) filter (orders.work_type = 'PREVENTIVE') as preventive_orders,
    count(*) filter (orders.work_type = 'OTHER') as other_orders,
    count(*) filter (orders.work_type = 'UNKNOWN') as unknown_orders,
    count(*) filter (orders.logged_hours > 0) as orders_with_hours,
    sum(orders.logged_hours) as logged_hours,
    coalesce(sum(orders.logged_hours) filter (orders.work_type = 'REACTIVE'), 0) as reactive_hours
from marts.fct_work_orders as orders
inner join order_teams using (organization_id, work_order_id)
inner join marts.dim_organizations as organizations using (organization_id)
where orders.is_done and orders.is_counted and orders.completed_at <= organizations.as_of_at
group by all
