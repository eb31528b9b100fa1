select
    organization_name,
    assignee_type,
    assignee_name as assignee,
    sum(open_orders) as open_orders,
    sum(overdue_orders) as overdue_orders,
    round(sum(imputed_hours), 1) as imputed_hours
from {{ ref('mart_workload_weekly') }}
inner join {{ ref('dim_organizations') }} using (organization_id)
where week_start_on = date_trunc('week', as_of_on)
group by organization_name, assignee_type, assignee_id, assignee_name
order by imputed_hours desc, organization_name, assignee
