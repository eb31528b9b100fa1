{% set burdens = {
    'downtime': 'downtime_hours',
    'cost': 'maintenance_cost',
    'orders': 'reactive_orders',
} -%}

with

organizations as (

    select
        organization_id,
        {% for burden, figure in burdens.items() %}
            sum({{ figure }}) - max(total_{{ figure }}) as {{ figure }}_too_many,
            sum({{ burden }}_share) as {{ burden }}_share,
            max({{ burden }}_cumulative_share) as last_{{ burden }}_share,
            max({{ burden }}_rank) as last_{{ burden }}_rank,
        {% endfor %}
        count(*) as assets
    from {{ ref('mart_bad_actors') }}
    group by organization_id

)

select * from organizations
where
    {% for burden, figure in burdens.items() %}
        {{ 'or' if not loop.first }} abs({{ figure }}_too_many) > 0.0001
        or abs({{ burden }}_share - 1) > 0.0001
        or abs(last_{{ burden }}_share - 1) > 0.0001
        or last_{{ burden }}_rank != assets
    {% endfor %}
