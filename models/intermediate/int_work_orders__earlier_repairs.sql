with

work_orders as (

    select * from {{ ref('int_work_orders__not_deleted') }}

),

repairs as (

    select
        organization_id,
        work_order_id,
        asset_id,
        created_at,
        -- Not has_valid_completion, which is false without a creation time: the repair was done.
        case
            when status = 'DONE' and coalesce(completed_at >= created_at, true) then completed_at
        end as completed_at
    from work_orders
    where
        work_type = 'REACTIVE'
        and asset_id is not null
        and status is distinct from 'CANCELED'
        and not is_parent

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
    where created_at is not null

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
