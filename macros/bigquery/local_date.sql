{% macro bigquery__local_date(utc_timestamp, time_zone) -%}
    date({{ utc_timestamp }}, {{ time_zone }})
{%- endmacro %}
