{{ config(severity='warn') }}

select
    organization_id,
    work_order_id,
    title,
    source_status,
    completed_at,
    work_order_url
from {{ ref('fct_work_orders') }}
where
    not is_done
    and completed_at is not null
