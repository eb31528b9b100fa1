{% macro timestamp_text(expression) -%}
    {{ adapter.dispatch('timestamp_text')(expression) }}
{%- endmacro %}

{% macro duckdb__timestamp_text(expression) -%}
    cast({{ expression }} as string)
{%- endmacro %}
