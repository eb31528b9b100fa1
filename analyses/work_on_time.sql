select
    organization_name,
    coalesce(nullif(site_label, ''), 'no location') as site,
    work_type,
    due_orders,
    round(100 * on_time_strict, 1) as on_time_percent,
    round(100 * on_time_product, 1) as on_time_in_maintainx_percent
from {{ ref('mart_on_time_monthly') }}
inner join {{ ref('dim_organizations') }} using (organization_id)
where month_start_on = date_trunc('month', as_of_on - interval 1 month) and due_orders > 0
order by on_time_strict, organization_name, site, work_type
