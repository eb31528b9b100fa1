{%- set entries = ['time_items', 'expenditures'] -%}
{%- set shape = {'quantity': 'number', 'rowTotal': 'number', 'durationTotal': 'number'} -%}

with

newest as (

    {{ newest_payloads(source('maintainx', 'work_orders')) }}

),

sent as (

    select
        organization_id,
        id,
        {{ json_from_text(json_member('payload', 'timeItems')) }} as time_items,
        {{ json_from_text(json_member('payload', 'expenditures')) }} as expenditures
    from newest

),

raw_entries as (

    {% for column in entries %}
        select
            sent.organization_id,
            sent.id,
            '{{ column }}' as column_name,
            entry.quantity,
            entry.rowtotal,
            entry.durationtotal
        from sent
        cross join {{ json_elements('sent.' ~ column, shape, 'entry') }}
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

{{ differences('raw_sums', 'staged_sums', missing='in raw', invented='in staging') }}

select * from final
