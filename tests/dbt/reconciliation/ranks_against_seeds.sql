with

final as (

    select
        work_orders.organization_id,
        work_orders.work_order_id,
        work_orders.source_priority,
        work_orders.priority,
        priorities.priority as seeded_priority,
        work_orders.source_status,
        work_orders.is_open,
        statuses.is_open as seeded_is_open
    from {{ ref('fct_work_orders') }} as work_orders
    left join {{ ref('work_order_priorities') }} as priorities
        on work_orders.source_priority = priorities.source_priority
    left join {{ ref('work_order_statuses') }} as statuses
        on work_orders.source_status = statuses.source_status
    where
        work_orders.priority is distinct from coalesce(priorities.priority, 0)
        or work_orders.is_open is distinct from coalesce(statuses.is_open, true)
        or work_orders.is_done is distinct from coalesce(work_orders.source_status = 'DONE', false)

)

select * from final
