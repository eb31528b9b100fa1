{{ config(severity='warn') }}

select
    assignees.organization_id,
    assignees.work_order_id,
    assignees.assignee_type,
    assignees.assignee_id,
    work_orders.title,
    work_orders.work_order_url
from {{ ref('bridge_work_order_assignees') }} as assignees
inner join {{ ref('fct_work_orders') }} as work_orders
    on
        assignees.organization_id = work_orders.organization_id
        and assignees.work_order_id = work_orders.work_order_id
where
    assignees.user_id is null
    and assignees.team_id is null
