{% macro is_time_zone(expression) -%}
    {{ adapter.dispatch('is_time_zone')(expression) }}
{%- endmacro %}

{% macro duckdb__is_time_zone(expression) -%}
    {{ expression }} in (select name from pg_timezone_names())
{%- endmacro %}
