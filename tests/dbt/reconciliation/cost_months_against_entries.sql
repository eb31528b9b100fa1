with

entries as (

    select
        costs.organization_id,
        sum(case when costs.entry_type = 'TIME' then costs.amount end) as labour_cost,
        sum(case when costs.entry_type = 'PART' then costs.amount end) as parts_cost,
        sum(costs.amount) as total_cost
    from {{ ref('fct_work_order_costs') }} as costs
    inner join {{ ref('fct_work_orders') }} as work_orders
        on
            costs.organization_id = work_orders.organization_id
            and costs.work_order_id = work_orders.work_order_id
    where
        case
            when work_orders.is_done and work_orders.completed_on is not null
                then work_orders.completed_on
            else work_orders.created_on
        end <= {{ local_today('work_orders.time_zone') }}
    group by costs.organization_id

),

months as (

    select
        organization_id,
        sum(labour_cost) as labour_cost,
        sum(parts_cost) as parts_cost,
        sum(labour_cost + parts_cost + other_cost) as cost_by_type,
        sum(total_cost) as total_cost
    from {{ ref('mart_maintenance_cost_monthly') }}
    group by organization_id

),

final as (

    select
        coalesce(entries.organization_id, months.organization_id) as organization_id,
        entries.total_cost as entries_total_cost,
        months.total_cost as months_total_cost,
        months.cost_by_type
    from entries
    full outer join months
        on entries.organization_id = months.organization_id
    where
        coalesce(entries.total_cost, 0) != coalesce(months.total_cost, 0)
        or coalesce(entries.total_cost, 0) != coalesce(months.cost_by_type, 0)
        or coalesce(entries.labour_cost, 0) != coalesce(months.labour_cost, 0)
        or coalesce(entries.parts_cost, 0) != coalesce(months.parts_cost, 0)

)

select * from final
