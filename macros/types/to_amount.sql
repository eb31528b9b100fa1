{% macro to_amount(expression) -%}
    {{ adapter.dispatch('to_amount')(expression) }}
{%- endmacro %}

{% macro duckdb__to_amount(expression) -%}
    try_cast({{ expression }} as decimal(18, 2))
{%- endmacro %}
