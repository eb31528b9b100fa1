{% macro number_text(expression) -%}
    {{ adapter.dispatch('number_text')(expression) }}
{%- endmacro %}

{#- DuckDB writes a whole number of a double as 25.0. -#}
{% macro duckdb__number_text(expression) -%}
    regexp_replace(cast({{ expression }} as varchar), '[.]0$', '')
{%- endmacro %}

{% macro bigquery__number_text(expression) -%}
    cast({{ expression }} as string)
{%- endmacro %}
