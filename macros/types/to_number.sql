{% macro to_number(expression) -%}
    {{ adapter.dispatch('to_number')(expression) }}
{%- endmacro %}

{# The cast goes through a decimal, because DuckDB reads 'inf' and 'nan' as doubles. #}
{% macro duckdb__to_number(expression) -%}
    cast(try_cast({{ expression }} as decimal(28, 8)) as double)
{%- endmacro %}

{% macro bigquery__to_number(expression) -%}
    cast(round(safe_cast({{ expression }} as numeric), 8) as float64)
{%- endmacro %}
