select
    organization_id,
    site_location_id,
    week_start_on,
    opened_orders,
    closed_orders
from marts.mart_backlog_weekly
where opened_orders + closed_orders > 0
