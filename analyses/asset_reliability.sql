select
    organization_name,
    coalesce(nullif(site_label, ''), 'no location') as site,
    asset_name,
    failures_12m,
    round(mtbf_hours, 1) as mtbf_hours,
    round(mttr_hours, 1) as mttr_hours,
    round(100 * availability, 1) as availability_percent
from {{ ref('mart_asset_reliability_monthly') }}
inner join {{ ref('dim_organizations') }} using (organization_id)
where month_start_on = date_trunc('month', as_of_on - interval 1 month) and availability is not null
order by availability, organization_name, site, asset_name
