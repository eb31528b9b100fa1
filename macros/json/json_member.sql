{% macro json_member(json, key) -%}
    {{ adapter.dispatch('json_member')(json, key) }}
{%- endmacro %}

{#- A JSON path reads * ? and $ in a key as wildcards; a struct field does not. -#}
{% macro duckdb__json_member(json, key) -%}
    struct_extract(
        json_transform({{ json }}, '{{ dbt.escape_single_quotes(tojson({key: "VARCHAR"})) }}'),
        '{{ dbt.escape_single_quotes(key) }}'
    )
{%- endmacro %}

{% macro bigquery__json_member(json, key) -%}
    {{ bigquery_json_value(json ~ '[' ~ dbt.string_literal(dbt.escape_single_quotes(key)) ~ ']', '$', 'text') }}
{%- endmacro %}
