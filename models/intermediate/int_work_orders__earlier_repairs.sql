with

work_orders as (

    select * from {{ ref('int_work_orders__live') }}

),

parents as (

    select * from {{ ref('stg_maintainx__parent_work_orders') }}
    where not is_deleted

),

repairs as (

    select
        work_orders.organization_id,
        work_orders.work_order_id,
        work_orders.asset_id,
        work_orders.created_at,
        case
            when
                work_orders.status = 'DONE'
                and work_orders.completed_at >= work_orders.created_at
                then work_orders.completed_at
        end as completed_at
    from work_orders
    left join parents
        on
            work_orders.organization_id = parents.organization_id
            and work_orders.work_order_id = parents.work_order_id
    where
        work_orders.work_type = 'REACTIVE'
        and work_orders.asset_id is not null
        and work_orders.created_at is not null
        and work_orders.status is distinct from 'CANCELED'
        and parents.work_order_id is null

),

moments as (

    select
        organization_id,
        asset_id,
        work_order_id,
        created_at as happened_at,
        'created' as moment,
        cast(null as timestamp) as completed_at
    from repairs

    union all

    select
        organization_id,
        asset_id,
        work_order_id,
        completed_at as happened_at,
        'done' as moment,
        completed_at
    from repairs
    where completed_at is not null

),

followed as (

    select
        organization_id,
        asset_id,
        work_order_id,
        moment,
        max(completed_at) over (
            partition by organization_id, asset_id
            order by happened_at, moment
            rows between unbounded preceding and current row
        ) as earlier_completed_at
    from moments

),

final as (

    select
        organization_id,
        work_order_id,
        asset_id,
        earlier_completed_at
    from followed
    where
        moment = 'created'
        and earlier_completed_at is not null

)

select * from final
