select
    organization_name,
    coalesce(nullif(site_label, ''), 'no location') as site,
    requests,
    decided_requests,
    requests_with_order,
    round(100 * order_rate, 1) as became_orders_percent,
    round(median_lead_hours, 1) as median_lead_hours
from {{ ref('mart_request_funnel_monthly') }}
inner join {{ ref('dim_organizations') }} using (organization_id)
where month_start_on = date_trunc('month', as_of_on - interval 1 month)
order by organization_name, site
