{%- set entries = {
    'time_items': 'timeItems',
    'expenditures': 'expenditures',
} -%}
{%- set shape = {'quantity': 'number', 'rowTotal': 'number', 'durationTotal': 'number'} -%}

with

ranked as (

    select
        organization_id,
        id,
        payload,
        row_number() over (partition by organization_id, id order by _extracted_at desc) as recency
    from {{ source('maintainx', 'work_orders') }}
    where _operation = 'upsert'

),

raw_entries as (

    {% for column, key in entries.items() %}
        select
            ranked.organization_id,
            ranked.id,
            '{{ column }}' as column_name,
            entry.quantity,
            entry.rowtotal,
            entry.durationtotal
        from ranked
        cross join
            {{
                json_elements(
                    json_from_text(json_member('ranked.payload', key)), shape, 'entry'
                )
            }}
        where ranked.recency = 1
        {{ 'union all' if not loop.last }}
    {% endfor %}

),

staged_entries as (

    {% for column in entries %}
        select
            work_orders.organization_id,
            work_orders.work_order_id as id,
            '{{ column }}' as column_name,
            entry.quantity,
            entry.rowtotal,
            entry.durationtotal
        from {{ ref('stg_maintainx__work_orders') }} as work_orders
        cross join {{ json_elements('work_orders.' ~ column, shape, 'entry') }}
        {{ 'union all' if not loop.last }}
    {% endfor %}

),

{% for side in ['raw', 'staged'] %}
    {{ side }}_sums as (

        select
            organization_id,
            id,
            column_name,
            count(*) as entry_count,
            sum(quantity) as quantity,
            sum(rowtotal) as cents,
            sum(durationtotal) as seconds
        from {{ side }}_entries
        group by organization_id, id, column_name

    ),
{% endfor %}

missing as (

    select * from raw_sums
    {{ dbt.except() }}
    select * from staged_sums

),

invented as (

    select * from staged_sums
    {{ dbt.except() }}
    select * from raw_sums

),

final as (

    select
        'in raw' as finding,
        *
    from missing

    union all

    select
        'in staging' as finding,
        *
    from invented

)

select * from final
