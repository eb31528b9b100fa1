{% macro utc_timestamp_of_local_midnight(day, time_zone) -%}
    {{ adapter.dispatch('utc_timestamp_of_local_midnight')(day, time_zone) }}
{%- endmacro %}

{# Where clocks go back at midnight, midnight occurs twice and DuckDB takes the second. #}
{% macro duckdb__utc_timestamp_of_local_midnight(day, time_zone) -%}
    {%- set midnight -%}
        cast({{ day }} as timestamp) at time zone {{ time_zone }}
    {%- endset -%}
    case
        when cast(({{ midnight }} - interval 1 hour) at time zone {{ time_zone }} as date) = {{ day }}
            then ({{ midnight }} - interval 1 hour) at time zone 'UTC'
        else {{ midnight }} at time zone 'UTC'
    end
{%- endmacro %}

{% macro bigquery__utc_timestamp_of_local_midnight(day, time_zone) -%}
    safe.timestamp(datetime({{ day }}), {{ time_zone }})
{%- endmacro %}
