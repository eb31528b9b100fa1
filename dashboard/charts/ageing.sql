select
    overdue.organization_id,
    coalesce(overdue.site_location_id, 0) as site_location_id,
    order_teams.team_id,
    overdue.overdue_bucket,
    coalesce(overdue.source_priority, 'NONE') as source_priority,
    count(*) as overdue_orders,
    sum(overdue.estimated_hours) as estimated_hours,
    count(overdue.estimated_hours) as estimated_orders
from marts.mart_overdue_work_orders as overdue
inner join order_teams using (organization_id, work_order_id)
group by all
