{% macro is_time_zone(expression) -%}
    {{ adapter.dispatch('is_time_zone')(expression) }}
{%- endmacro %}

{% macro duckdb__is_time_zone(expression) -%}
    {{ expression }} in (select name from pg_timezone_names())
{%- endmacro %}

{#- BigQuery has no list of time zone names, and it also accepts an offset such as +02:00. -#}
{% macro bigquery__is_time_zone(expression) -%}
    (
        regexp_contains({{ expression }}, '^[A-Za-z]')
        and safe.date(timestamp '2000-01-01 00:00:00+00', {{ expression }}) is not null
    )
{%- endmacro %}
