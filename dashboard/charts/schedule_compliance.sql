select
    organization_id,
    site_location_id,
    week_start_on,
    scheduled_orders,
    done_orders,
    break_in_orders
from marts.mart_schedule_compliance_weekly
where is_complete
