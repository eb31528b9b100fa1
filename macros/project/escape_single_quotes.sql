{#- In a BigQuery string a backslash escapes, so it needs one itself. -#}
{% macro bigquery__escape_single_quotes(expression) -%}
    {{ expression | replace('\\', '\\\\') | replace("'", "\\'") }}
{%- endmacro %}
