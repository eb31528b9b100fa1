{#- A JSON string is one of BigQuery's, line breaks and all. -#}
{% macro bigquery__text_literal(text) -%}
    {{ tojson(text) }}
{%- endmacro %}
