{#- Cost against the price of an asset is the one ratio that may exceed 1. -#}
{%- set pattern = '(_coverage|_share|_rate|availability|compliance.*|^on_time_.*)$' -%}
{%- set relations = marts() -%}

{% for mart, column in mart_columns(pattern, ['double']) -%}
    select
        '{{ mart }}' as mart,
        '{{ column }}' as column_name,
        {{ column }} as found
    from {{ relations[mart] }}
    where
        not (
            {{ column }} >= 0
            and {{ column }} <= {{ 1e15 if (mart, column) == ('mart_cost_vs_replacement', 'cost_share') else 1.000000001 }}
        )
    {{ 'union all' if not loop.last }}
{% else %}
    select 1
{% endfor %}
