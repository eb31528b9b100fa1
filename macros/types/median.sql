{% macro median(expression) -%}
    {{ adapter.dispatch('median')(expression) }}
{%- endmacro %}

{% macro duckdb__median(expression) -%}
    median({{ expression }})
{%- endmacro %}
