{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ adapter.dispatch('generate_schema_name')(custom_schema_name, node) }}
{%- endmacro %}

{% macro duckdb__generate_schema_name(custom_schema_name, node) -%}
    {{ custom_schema_name or target.schema }}
{%- endmacro %}

{#- Other users share a BigQuery project, so the datasets have a prefix. -#}
{% macro bigquery__generate_schema_name(custom_schema_name, node) -%}
    {{ target.schema }}_{{ custom_schema_name }}
{%- endmacro %}
