{{ config(severity='warn') }}

select
    work_orders.organization_id,
    work_orders.work_order_id,
    work_orders.title,
    work_orders.source_status,
    work_orders.work_order_url
from {{ ref('fct_work_orders') }} as work_orders
left join {{ ref('work_order_statuses') }} as statuses
    on work_orders.source_status = statuses.source_status
where statuses.source_status is null
