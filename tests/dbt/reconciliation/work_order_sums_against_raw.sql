{%- set entries = {'time_items': 'timeItems', 'expenditures': 'expenditures'} -%}
{%- set shape = {'quantity': 'number', 'rowTotal': 'number', 'durationTotal': 'number'} -%}

with

newest as (

    {{ newest_payloads(source('maintainx', 'work_orders')) }}

),

sent as (

    select
        organization_id,
        id,
        {{ parse_json('payload', {'timeItems': [shape], 'expenditures': [shape]}) }} as record
    from newest

),

raw_entries as (

    {% for column, field in entries.items() %}
        select
            sent.organization_id,
            sent.id,
            '{{ column }}' as column_name,
            entry.quantity,
            entry.rowtotal,
            entry.durationtotal
        from {{ list_elements('sent', 'record.' ~ field, 'entry') }}
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
        from
            {{
                json_elements(
                    ref('stg_maintainx__work_orders'), column, shape, 'entry', name='work_orders'
                )
            }}
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
