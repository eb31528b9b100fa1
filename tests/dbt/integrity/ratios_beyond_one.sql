{#- Costs may be negative, and exceed the price of an asset: their shares have to be finite alone. -#}
{%- set pattern = '(_coverage|_share|_rate|availability|compliance.*|^on_time_.*)$' -%}
{%- set relations = marts() -%}

{% for mart, column in mart_columns(pattern, ['double']) -%}
    select
        '{{ mart }}' as mart,
        '{{ column }}' as column_name,
        {{ column }} as found
    from {{ relations[mart] }}
    where
        {% if column in ('cost_share', 'cost_cumulative_share') %}
            not ({{ column }} between -1e15 and 1e15)
        {% else %}
            not ({{ column }} between 0 and 1.000000001)
        {% endif %}
    {{ 'union all' if not loop.last }}
{% else %}
    select 1
{% endfor %}
