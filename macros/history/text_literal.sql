{% macro text_literal(text) -%}
    {{ adapter.dispatch('text_literal')(text) }}
{%- endmacro %}

{% macro duckdb__text_literal(text) -%}
    '{{ text | replace("'", "''") | replace("\x00", '') }}'
{%- endmacro %}

{#- A JSON string is a valid BigQuery string, with its line breaks escaped. -#}
{% macro bigquery__text_literal(text) -%}
    {{ tojson(text) }}
{%- endmacro %}
