{% macro utc_timestamp_of_local(day, minutes, time_zone) -%}
    {{ adapter.dispatch('utc_timestamp_of_local')(day, minutes, time_zone) }}
{%- endmacro %}

{% macro duckdb__utc_timestamp_of_local(day, minutes, time_zone) -%}
    date_add(cast({{ day }} as timestamp), interval ({{ minutes }}) minute)
    at time zone {{ time_zone }} at time zone 'UTC'
{%- endmacro %}

{% macro bigquery__utc_timestamp_of_local(day, minutes, time_zone) -%}
    safe.timestamp(safe.datetime_add(datetime({{ day }}), interval {{ minutes }} minute), {{ time_zone }})
{%- endmacro %}
