{% macro utc_timestamp_of_local(local_timestamp, time_zone) -%}
    {{ adapter.dispatch('utc_timestamp_of_local')(local_timestamp, time_zone) }}
{%- endmacro %}

{% macro duckdb__utc_timestamp_of_local(local_timestamp, time_zone) -%}
    {{ local_timestamp }} at time zone {{ time_zone }} at time zone 'UTC'
{%- endmacro %}
