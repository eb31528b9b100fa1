{% macro text_literal(text) -%}
    {{ adapter.dispatch('text_literal')(text) }}
{%- endmacro %}

{% macro duckdb__text_literal(text) -%}
    '{{ text | replace("'", "''") | replace("\x00", '') }}'
{%- endmacro %}

{#- A JSON string is one of BigQuery's, line breaks and all. -#}
{% macro bigquery__text_literal(text) -%}
    {{ tojson(text) }}
{%- endmacro %}
