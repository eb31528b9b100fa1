{% macro local_date(utc_timestamp, time_zone) -%}
    {{ adapter.dispatch('local_date')(utc_timestamp, time_zone) }}
{%- endmacro %}

{% macro duckdb__local_date(utc_timestamp, time_zone) -%}
    cast({{ utc_timestamp }} at time zone 'UTC' at time zone {{ time_zone }} as date)
{%- endmacro %}

{#- BigQuery has no day after 9999-12-31. -#}
{% macro bigquery__local_date(utc_timestamp, time_zone) -%}
    safe.date({{ utc_timestamp }}, {{ time_zone }})
{%- endmacro %}
