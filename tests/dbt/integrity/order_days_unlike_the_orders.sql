-- Orders that were updated after the as-of time are excluded: fct_work_orders is newer.
select
    work_orders.organization_id,
    work_orders.work_order_id,
    work_orders.work_order_url,
    work_orders.status,
    order_days.status as status_of_the_day
from {{ ref('fct_work_orders') }} as work_orders
left join {{ ref('fct_work_order_days') }} as order_days
    on
        work_orders.organization_id = order_days.organization_id
        and work_orders.work_order_id = order_days.work_order_id
        and order_days.to_on is null
where
    work_orders.created_at <= {{ as_of() }}
    and work_orders.updated_at <= {{ as_of() }}
    and (
        work_orders.source_status is distinct from order_days.source_status
        or work_orders.is_open is distinct from order_days.is_open
        or work_orders.is_upcoming is distinct from order_days.is_upcoming
        or work_orders.is_on_hold is distinct from order_days.is_on_hold
        or work_orders.is_overdue is distinct from order_days.is_overdue
    )
