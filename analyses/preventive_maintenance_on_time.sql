select
    organization_name,
    coalesce(nullif(site_label, ''), 'no location') as site,
    due_orders,
    done_by_due,
    round(100 * compliance, 1) as compliance_percent,
    round(100 * compliance_within_tolerance, 1) as within_tolerance_percent
from {{ ref('mart_pm_compliance_monthly') }}
inner join {{ ref('dim_organizations') }} using (organization_id)
where month_start_on = date_trunc('month', as_of_on - interval 1 month)
order by compliance, organization_name, site
