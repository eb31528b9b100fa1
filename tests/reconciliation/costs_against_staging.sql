{%- set shape = {
    'type': 'text', 'quantity': 'number', 'rowTotal': 'number', 'durationTotal': 'number'
} -%}

with

work_orders as (

    select * from {{ ref('int_work_orders__live') }}

),

time_entries as (

    select
        work_orders.organization_id,
        work_orders.work_order_id,
        {{ to_amount('entry.rowtotal / 100') }} * 100 as cents,
        coalesce(entry.durationtotal, entry.quantity * 3600) as seconds
    from work_orders
    cross join {{ json_elements('work_orders.time_items', shape, 'entry') }}
    where coalesce(entry.type, 'TIME') = 'TIME'

),

other_entries as (

    select
        work_orders.organization_id,
        work_orders.work_order_id,
        {{ to_amount('entry.rowtotal / 100') }} * 100 as cents,
        null as seconds
    from work_orders
    cross join {{ json_elements('work_orders.expenditures', shape, 'entry') }}
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
        coalesce(sum(cents), 0) as cents,
        coalesce(sum(seconds), 0) as seconds
    from entries
    group by organization_id, work_order_id
    having sum(entries.cents) is not null or sum(entries.seconds) is not null

),

by_entry as (

    select
        organization_id,
        work_order_id,
        coalesce(sum(amount), 0) * 100 as cents,
        coalesce(sum(hours), 0) * 3600 as seconds
    from {{ ref('fct_work_order_costs') }}
    group by organization_id, work_order_id

),

by_order as (

    select
        organization_id,
        work_order_id,
        (labour_cost + parts_cost + other_cost) * 100 as cents,
        total_cost * 100 as total_cents,
        logged_hours * 3600 as seconds
    from {{ ref('int_work_orders__costs') }}

),

final as (

    select
        coalesce(staged.organization_id, by_entry.organization_id) as organization_id,
        coalesce(staged.work_order_id, by_entry.work_order_id) as work_order_id,
        staged.cents as staged_cents,
        by_entry.cents as entry_cents,
        by_order.cents as order_cents,
        by_order.total_cents,
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
        coalesce(staged.cents, 0) != coalesce(by_entry.cents, 0)
        or by_entry.cents is distinct from by_order.cents
        or by_entry.cents is distinct from by_order.total_cents
        or abs(coalesce(staged.seconds, 0) - coalesce(by_entry.seconds, 0)) > 1
        or abs(by_entry.seconds - by_order.seconds) > 1

)

select * from final
