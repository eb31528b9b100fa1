select
    organization_name,
    coalesce(nullif(site_label, ''), 'no location') as site,
    done_orders,
    total_done_orders,
    round(100 * order_share, 1) as reactive_orders_percent,
    round(100 * hour_share, 1) as reactive_hours_percent
from {{ ref('mart_work_mix_monthly') }}
inner join {{ ref('dim_organizations') }} using (organization_id)
where month_start_on = date_trunc('month', as_of_on - interval 1 month) and work_type = 'REACTIVE'
order by order_share desc, organization_name, site
