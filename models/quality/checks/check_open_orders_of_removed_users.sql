with

assignees as (

    select * from {{ ref('bridge_work_order_assignees') }}

),

work_orders as (

    select * from {{ ref('fct_work_orders') }}
    where is_open

),

users as (

    select * from {{ ref('dim_users') }}

),

final as (

    select
        assignees.organization_id,
        'work_orders' as list_name,
        assignees.work_order_id as record_id,
        'assignees' as field,
        string_agg(assignees.assignee_name, '; ' order by assignees.position) as found_value
    from assignees
    inner join work_orders
        on
            assignees.organization_id = work_orders.organization_id
            and assignees.work_order_id = work_orders.work_order_id
    left join users
        on
            assignees.organization_id = users.organization_id
            and assignees.user_id = users.user_id
    where
        assignees.assignee_type = 'USER'
        and coalesce(users.is_deleted, true)
    group by assignees.organization_id, assignees.work_order_id

)

select * from final
