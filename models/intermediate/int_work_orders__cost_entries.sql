{% set shape = {
    'type': 'text',
    'userId': 'integer',
    'partId': 'integer',
    'description': 'text',
    'durationTotal': 'number',
    'quantity': 'number',
    'costPerUnit': 'number',
    'rowTotal': 'number',
} %}

with

work_orders as (

    select * from {{ ref('int_work_orders__not_deleted') }}

),

{# Both lists can contain TIME entries. These are the same entries, so one list is enough. #}
entries as (

    {% for list, type in [('time_items', 'TIME'), ('expenditures', 'UNKNOWN')] %}
        select
            work_orders.organization_id,
            work_orders.work_order_id,
            coalesce(entry.type, '{{ type }}') as entry_type,
            entry.userid as user_id,
            entry.partid as part_id,
            entry.description,
            entry.durationtotal as duration_seconds,
            entry.quantity,
            entry.costperunit as unit_cost_cents,
            entry.rowtotal as amount_cents
        from {{ json_elements('work_orders', list, shape, 'entry') }}
        where
            coalesce(entry.rowtotal, entry.quantity, entry.durationtotal) is not null
            and coalesce(entry.type, '{{ type }}') {{ '=' if type == 'TIME' else '!=' }} 'TIME'
        {{ 'union all' if not loop.last }}
    {% endfor %}

),

measured_entries as (

    select
        organization_id,
        work_order_id,
        entry_type,
        user_id,
        part_id,
        description,
        case
            when entry_type = 'TIME' then coalesce(duration_seconds, quantity * 3600)
        end as seconds,
        quantity,
        {{ to_amount('unit_cost_cents / 100') }} as unit_cost,
        {{ to_amount('amount_cents / 100') }} as amount
    from entries

),

{# Entries have no id and their order changes, so the numbers follow their content. #}
final as (

    select
        *,
        row_number() over (
            partition by organization_id, work_order_id
            order by
                entry_type,
                user_id,
                part_id,
                description,
                seconds,
                quantity,
                unit_cost,
                amount
        ) as entry_number
    from measured_entries

)

select * from final
