select
    organization_id,
    month_start_on,
    site_location_id,
    sum(done_orders) as done_orders,
    min(total_done_orders) as total_done_orders,
    sum(logged_hours) as logged_hours,
    min(total_logged_hours) as total_logged_hours
from {{ ref('mart_work_mix_monthly') }}
group by organization_id, month_start_on, site_location_id
having
    sum(done_orders) != min(total_done_orders)
    or abs(sum(order_share) - 1) > 0.000001
    or abs(sum(logged_hours) - min(total_logged_hours)) > 0.000001
