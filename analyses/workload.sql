select
    organization_name,
    assignee_type,
    coalesce(assignee_name, 'not assigned') as assignee,
    open_orders,
    overdue_orders,
    round(imputed_hours, 1) as imputed_hours
from {{ ref('mart_workload_weekly') }}
inner join {{ ref('dim_organizations') }} using (organization_id)
where week_start_on = date_trunc('week', as_of_on)
order by imputed_hours desc, organization_name, assignee
