{% macro bigquery__utc_timestamp_of_local_midnight(day, time_zone) -%}
    timestamp(datetime({{ day }}), {{ time_zone }})
{%- endmacro %}
