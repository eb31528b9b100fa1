with

comments as (

    select * from {{ ref('int_work_orders__comments') }}

),

work_orders as (

    select * from {{ ref('fct_work_orders') }}

),

users as (

    select * from {{ ref('dim_users') }}

),

final as (

    select
        comments.organization_id,
        comments.work_order_id,
        comments.comment_id,
        comments.author_user_id,
        users.full_name as author_name,
        comments.content,
        row_number() over (
            partition by comments.organization_id, comments.work_order_id
            order by comments.created_at nulls last, comments.comment_id
        ) as comment_number,
        comments.is_deleted,
        {{ local_date('comments.created_at', 'work_orders.time_zone') }} as created_on,
        comments.created_at
    from comments
    inner join work_orders
        on
            comments.organization_id = work_orders.organization_id
            and comments.work_order_id = work_orders.work_order_id
    left join users
        on
            comments.organization_id = users.organization_id
            and comments.author_user_id = users.user_id
    where coalesce(comments.created_at <= {{ as_of() }}, true)

)

select * from final
