{% macro local_date(utc_timestamp, time_zone) -%}
    {{ adapter.dispatch('local_date')(utc_timestamp, time_zone) }}
{%- endmacro %}

{% macro duckdb__local_date(utc_timestamp, time_zone) -%}
    cast({{ utc_timestamp }} at time zone 'UTC' at time zone {{ time_zone }} as date)
{%- endmacro %}

{% macro bigquery__local_date(utc_timestamp, time_zone) -%}
    date({{ utc_timestamp }}, {{ time_zone }})
{%- endmacro %}
