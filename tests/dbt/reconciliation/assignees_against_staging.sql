with

users_by_email as (

    select
        organization_id,
        lower(email) as email,
        cast(user_id as string) as user_id
    from {{ ref('dim_users') }}
    where email is not null
    qualify
        row_number() over (
            partition by organization_id, lower(email)
            order by is_deleted, user_id
        ) = 1

),

staged as (

    select
        work_orders.organization_id,
        work_orders.work_order_id,
        coalesce(users_by_email.user_id, assignee.id) as assignee_id
    from
        {{
            json_elements(
                ref('stg_maintainx__work_orders'),
                'assignees',
                {'type': 'text', 'id': 'text'},
                'assignee',
                name='work_orders'
            )
        }}
    inner join {{ ref('fct_work_orders') }} as mart_orders
        on
            work_orders.organization_id = mart_orders.organization_id
            and work_orders.work_order_id = mart_orders.work_order_id
    left join users_by_email
        on
            work_orders.organization_id = users_by_email.organization_id
            and case when assignee.type = 'USER' then lower(assignee.id) end = users_by_email.email
    where assignee.id is not null

),

bridged as (

    select
        organization_id,
        work_order_id,
        assignee_id
    from {{ ref('bridge_work_order_assignees') }}

),

{{ differences('staged', 'bridged') }}

select * from final
