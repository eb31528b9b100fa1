select
    organization_id,
    work_order_id,
    response_hours,
    response_business_hours,
    resolution_hours,
    resolution_business_hours,
    hold_hours,
    hold_business_hours
from {{ ref('fct_work_order_sla') }}
where
    response_business_hours > response_hours + 0.000001
    or resolution_business_hours > resolution_hours + 0.000001
    or hold_business_hours > hold_hours + 0.000001
    or hold_hours > resolution_hours + 0.000001
    or response_hours < 0
    or hold_business_hours < 0
