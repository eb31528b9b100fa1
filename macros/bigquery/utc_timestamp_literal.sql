{% macro bigquery__utc_timestamp_literal(text) -%}
    timestamp '{{ text }}'
{%- endmacro %}
