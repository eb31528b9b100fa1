select
    downtime_rank,
    organization_name,
    coalesce(nullif(site_label, ''), 'no location') as site,
    asset_name,
    failures,
    reactive_orders,
    round(downtime_hours, 1) as downtime_hours,
    round(maintenance_cost, 2) as maintenance_cost,
    mart_bad_actors.currency,
    round(100 * downtime_cumulative_share, 1) as cumulative_downtime_percent
from {{ ref('mart_bad_actors') }}
inner join {{ ref('dim_organizations') }} using (organization_id)
where downtime_rank <= 20
order by downtime_rank, organization_name, asset_name
