with

work_orders as (

    select * from {{ ref('int_work_orders__not_deleted') }}

),

answers as (

    select * from {{ ref('stg_maintainx__sub_work_orders') }}
    where not is_deleted

),

costs as (

    select * from {{ ref('int_work_orders__costs') }}

),

-- A sub-work-order that moved to another parent can still stand in an older answer.
parents as (

    select
        answers.organization_id,
        sub_work_order.id as work_order_id,
        answers.work_order_id as parent_work_order_id
    from
        {{ json_elements('answers', 'sub_work_orders', {'id': 'integer'}, 'sub_work_order') }}
    where sub_work_order.id is not null
    qualify
        row_number() over (
            partition by answers.organization_id, sub_work_order.id
            order by answers.extracted_at desc, answers.work_order_id desc
        ) = 1

),

amounts as (

    select
        work_orders.organization_id,
        work_orders.work_order_id,
        parents.parent_work_order_id,
        coalesce(costs.logged_hours, 0) as logged_hours,
        coalesce(costs.total_cost, 0) as total_cost
    from work_orders
    left join parents
        on
            work_orders.organization_id = parents.organization_id
            and work_orders.work_order_id = parents.work_order_id
    left join costs
        on
            work_orders.organization_id = costs.organization_id
            and work_orders.work_order_id = costs.work_order_id

),

sums as (

    select
        organization_id,
        parent_work_order_id,
        count(*) as sub_work_order_count,
        {{ sum_hours('logged_hours') }} as logged_hours,
        sum(total_cost) as total_cost
    from amounts
    where parent_work_order_id is not null
    group by organization_id, parent_work_order_id

),

final as (

    select
        amounts.organization_id,
        amounts.work_order_id,
        amounts.parent_work_order_id,
        coalesce(sums.sub_work_order_count, 0) as sub_work_order_count,
        amounts.logged_hours + coalesce(sums.logged_hours, 0) as logged_hours_with_sub_work_orders,
        {{ to_amount('amounts.total_cost + coalesce(sums.total_cost, 0)') }}
            as total_cost_with_sub_work_orders
    from amounts
    left join sums
        on
            amounts.organization_id = sums.organization_id
            and amounts.work_order_id = sums.parent_work_order_id

)

select * from final
