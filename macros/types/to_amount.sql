{% macro to_amount(expression, scale=2) -%}
    {{ adapter.dispatch('to_amount')(expression, scale) }}
{%- endmacro %}

{% macro duckdb__to_amount(expression, scale) -%}
    try_cast({{ expression }} as decimal(18, {{ scale }}))
{%- endmacro %}

{% macro bigquery__to_amount(expression, scale) -%}
    case
        when
            abs(safe_cast({{ expression }} as numeric))
            < {{ '9' * (18 - scale) }}.{{ '9' * scale }}5
            then round(safe_cast({{ expression }} as numeric), {{ scale }})
    end
{%- endmacro %}
