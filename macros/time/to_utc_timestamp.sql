{% macro to_utc_timestamp(expression) -%}
    {{ adapter.dispatch('to_utc_timestamp')(expression) }}
{%- endmacro %}

{# DuckDB would also take 'infinity', 'epoch', years of five digits and names of time zones. #}
{% macro duckdb__to_utc_timestamp(expression) -%}
    {%- set iso_8601 -%}
        ^[1-9]\d{3}-\d\d-\d\d([T ][\d:.]+(Z|[+-]\d\d(:?\d\d)?)?)?$
    {%- endset -%}
    try_cast(regexp_extract({{ expression }}, '{{ iso_8601 }}') as timestamptz) at time zone 'UTC'
{%- endmacro %}
