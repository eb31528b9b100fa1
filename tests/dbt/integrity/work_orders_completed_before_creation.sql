{{ config(severity='warn') }}

select
    organization_id,
    work_order_id,
    title,
    created_at,
    completed_at,
    work_order_url
from {{ ref('fct_work_orders') }}
where
    is_done
    and completed_at < created_at
