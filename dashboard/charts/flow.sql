select
    organization_id,
    site_location_id,
    week_start_on,
    opened_orders,
    closed_orders
from marts.mart_backlog_weekly
cross join period
where opened_orders + closed_orders > 0 and week_start_on + 6 <= period.last_on
