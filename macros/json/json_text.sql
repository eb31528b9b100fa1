{% macro json_text(expression) -%}
    {{ adapter.dispatch('json_text')(expression) }}
{%- endmacro %}

{% macro duckdb__json_text(expression) -%}
    cast({{ expression }} as string)
{%- endmacro %}
