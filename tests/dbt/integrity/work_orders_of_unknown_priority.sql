{{ config(severity='warn') }}

select
    work_orders.organization_id,
    work_orders.work_order_id,
    work_orders.title,
    work_orders.source_priority,
    work_orders.work_order_url
from {{ ref('fct_work_orders') }} as work_orders
left join {{ ref('work_order_priorities') }} as priorities
    on work_orders.source_priority = priorities.source_priority
where
    work_orders.source_priority is not null
    and priorities.source_priority is null
