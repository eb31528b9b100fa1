select
    organization_id,
    work_order_id,
    title,
    source_status,
    is_done,
    is_open,
    is_upcoming,
    is_overdue,
    has_valid_completion,
    duration_hours,
    age_days,
    overdue_days
from {{ ref('fct_work_orders') }}
where
    (is_done and is_open)
    or (not is_open and (is_upcoming or is_overdue))
    or (is_upcoming and is_overdue)
    or (is_overdue and due_at is null)
    or (has_valid_completion and not is_done)
    or has_valid_completion is distinct from (duration_hours is not null)
    or is_overdue is distinct from (overdue_days is not null)
    or (age_days is not null and not is_open)
    or duration_hours < 0
    or overdue_days < 0
