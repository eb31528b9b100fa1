with

orders as (

    select
        orders.*,
        coalesce(orders.site_location_id, 0) as site_id,
        order_teams.team_id,
        organizations.as_of_at,
        coalesce(orders.site_label, 'No location (' || organizations.organization_name || ')')
            as site_name_shown,
        orders.is_open and not orders.is_upcoming as is_backlog,
        orders.completed_on > organizations.as_of_on - interval 12 month as is_of_year,
        orders.work_type = 'PREVENTIVE'
        and orders.counts_by_due_date
        and orders.due_on > organizations.as_of_on - interval 12 month
        and orders.deadline_at <= organizations.as_of_at as is_due_pm
    from marts.fct_work_orders as orders
    inner join order_teams using (organization_id, work_order_id)
    inner join marts.dim_organizations as organizations using (organization_id)
    where orders.is_counted

)

select
    organization_id,
    site_id as site_location_id,
    team_id,
    organization_id || '-' || site_id || '|' || any_value(site_name_shown) as site,
    count(*) filter (is_backlog) as open_orders,
    count(*) filter (is_backlog and is_overdue) as late_orders,
    count(*) filter (is_due_pm) as pm_due_orders,
    count(*) filter (is_due_pm and is_done_by_due) as pm_done_by_due,
    count(*) filter (is_done and is_of_year and completed_at <= as_of_at) as done_orders,
    count(*) filter (
        is_done and is_of_year and completed_at <= as_of_at and work_type = 'REACTIVE'
    ) as reactive_orders
from orders
group by organization_id, site_id, team_id
