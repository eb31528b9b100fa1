select
    organization_name,
    coalesce(nullif(site_label, ''), 'no location') as site,
    backlog_orders,
    round(backlog_hours, 1) as backlog_hours,
    round(backlog_weeks, 1) as backlog_weeks,
    round(100 * estimate_coverage, 1) as estimated_percent
from {{ ref('mart_backlog_weekly') }}
inner join {{ ref('dim_organizations') }} using (organization_id)
qualify
    row_number() over (
        partition by organization_id, site_location_id
        order by week_start_on desc
    ) = 1
order by backlog_orders desc, organization_name, site
