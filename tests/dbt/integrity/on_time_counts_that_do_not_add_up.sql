select
    organization_id,
    month_start_on,
    site_location_id,
    work_type,
    due_orders
from {{ ref('mart_on_time_monthly') }}
where
    due_orders
    < done_by_due + not_yet_due + done_late + open_late + skipped + done_without_time
    or on_time_product < on_time_strict
    or created_with_due_date > created_orders
