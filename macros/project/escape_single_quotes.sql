{#- A backslash starts an escape in a BigQuery string, so it is escaped too. -#}
{% macro bigquery__escape_single_quotes(expression) -%}
    {{ expression | replace('\\', '\\\\') | replace("'", "\\'") }}
{%- endmacro %}
