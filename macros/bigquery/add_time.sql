{% macro bigquery__add_time(part, amount, utc_timestamp) -%}
    timestamp_add({{ utc_timestamp }}, interval {{ amount }} {{ part }})
{%- endmacro %}
