select
    organization_name,
    coalesce(nullif(site_label, ''), 'no location') as site,
    coalesce(nullif(asset_name, ''), 'no asset') as asset,
    orders,
    round(labour_cost, 2) as labour_cost,
    round(parts_cost, 2) as parts_cost,
    round(other_cost, 2) as other_cost,
    round(total_cost, 2) as total_cost,
    mart_maintenance_cost_monthly.currency
from {{ ref('mart_maintenance_cost_monthly') }}
inner join {{ ref('dim_organizations') }} using (organization_id)
where month_start_on = date_trunc('month', as_of_on - interval 1 month)
order by total_cost desc, organization_name, site, asset
