{% macro bigquery__utc_timestamp_of_local(day, minutes, time_zone) -%}
    timestamp(datetime_add(datetime({{ day }}), interval {{ minutes }} minute), {{ time_zone }})
{%- endmacro %}
