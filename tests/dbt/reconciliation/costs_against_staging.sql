{%- set shape = {
    'type': 'text', 'quantity': 'number', 'rowTotal': 'number', 'durationTotal': 'number'
} -%}

with

work_orders as (

    select * from {{ ref('int_work_orders__not_deleted') }}

),

time_entries as (

    select
        work_orders.organization_id,
        work_orders.work_order_id,
        {{ to_amount('entry.rowtotal / 100') }} as amount,
        coalesce(entry.durationtotal, entry.quantity * 3600) as seconds
    from {{ json_elements('work_orders', 'time_items', shape, 'entry') }}
    where coalesce(entry.type, 'TIME') = 'TIME'

),

other_entries as (

    select
        work_orders.organization_id,
        work_orders.work_order_id,
        {{ to_amount('entry.rowtotal / 100') }} as amount,
        cast(null as decimal(28, 8)) as seconds
    from {{ json_elements('work_orders', 'expenditures', shape, 'entry') }}
    where entry.type is distinct from 'TIME'

),

entries as (

    select * from time_entries
    union all
    select * from other_entries

),

staged as (

    select
        organization_id,
        work_order_id,
        coalesce(sum(amount), 0) as amount,
        coalesce(sum(seconds), 0) as seconds
    from entries
    group by organization_id, work_order_id
    having sum(entries.amount) is not null or sum(entries.seconds) is not null

),

by_entry as (

    select
        organization_id,
        work_order_id,
        coalesce(sum(amount), 0) as amount,
        coalesce(sum(hours), 0) * 3600 as seconds
    from {{ ref('fct_work_order_costs') }}
    group by organization_id, work_order_id

),

by_order as (

    select
        organization_id,
        work_order_id,
        labour_cost + parts_cost + other_cost as amount,
        total_cost,
        logged_hours * 3600 as seconds
    from {{ ref('int_work_orders__costs') }}

),

final as (

    select
        coalesce(staged.organization_id, by_entry.organization_id) as organization_id,
        coalesce(staged.work_order_id, by_entry.work_order_id) as work_order_id,
        staged.amount as staged_amount,
        by_entry.amount as entry_amount,
        by_order.amount as order_amount,
        by_order.total_cost,
        staged.seconds as staged_seconds,
        by_entry.seconds as entry_seconds,
        by_order.seconds as order_seconds
    from staged
    full outer join by_entry
        on
            staged.organization_id = by_entry.organization_id
            and staged.work_order_id = by_entry.work_order_id
    full outer join by_order
        on
            by_entry.organization_id = by_order.organization_id
            and by_entry.work_order_id = by_order.work_order_id
    where
        coalesce(staged.amount, 0) != coalesce(by_entry.amount, 0)
        or by_entry.amount is distinct from by_order.amount
        or by_entry.amount is distinct from by_order.total_cost
        -- Hours are doubles, so a large number of hours loses its last digits.
        or abs(coalesce(staged.seconds, 0) - coalesce(by_entry.seconds, 0))
        > 1 + abs(by_entry.seconds) / 1e12
        or abs(by_entry.seconds - by_order.seconds) > 1 + abs(by_entry.seconds) / 1e12

)

select * from final
