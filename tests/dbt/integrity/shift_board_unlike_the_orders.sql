with

orders as (

    select
        organization_id,
        count(*) as orders,
        count(case when is_overdue then 1 end) as overdue_orders
    from {{ ref('fct_work_orders') }}
    where
        is_open
        and is_counted
        and not is_upcoming
    group by organization_id

),

board as (

    select
        organization_id,
        count(*) as orders,
        count(case when is_overdue then 1 end) as overdue_orders
    from {{ ref('mart_shift_board') }}
    group by organization_id

)

select
    orders.organization_id,
    orders.orders,
    board.orders as orders_on_the_board,
    orders.overdue_orders,
    board.overdue_orders as overdue_orders_on_the_board
from orders
left join board
    on orders.organization_id = board.organization_id
where
    orders.orders is distinct from board.orders
    or orders.overdue_orders is distinct from board.overdue_orders
