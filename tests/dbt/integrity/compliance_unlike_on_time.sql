with

compliance as (

    select * from {{ ref('mart_pm_compliance_monthly') }}

),

on_time as (

    select * from {{ ref('mart_on_time_monthly') }}
    where
        work_type = 'PREVENTIVE'
        and due_orders > 0

)

select
    coalesce(compliance.organization_id, on_time.organization_id) as organization_id,
    coalesce(compliance.month_start_on, on_time.month_start_on) as month_start_on,
    coalesce(compliance.site_location_id, on_time.site_location_id) as site_location_id,
    compliance.due_orders,
    on_time.due_orders as due_orders_on_time
from compliance
full join on_time
    on
        compliance.organization_id = on_time.organization_id
        and compliance.month_start_on = on_time.month_start_on
        and compliance.site_location_id = on_time.site_location_id
where
    compliance.due_orders is distinct from on_time.due_orders
    or compliance.done_by_due is distinct from on_time.done_by_due
    or compliance.not_yet_due is distinct from on_time.not_yet_due
    or compliance.skipped is distinct from on_time.skipped
    or compliance.done_within_day < compliance.done_by_due
    or compliance.done_within_tolerance < compliance.done_by_due
