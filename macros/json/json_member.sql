{% macro json_member(json, key) -%}
    {{ adapter.dispatch('json_member')(json, key) }}
{%- endmacro %}

{#- A struct, because a JSON path would read * ? and $ in the key as wildcards. -#}
{% macro duckdb__json_member(json, key) -%}
    struct_extract(
        json_transform({{ json }}, '{{ dbt.escape_single_quotes(tojson({key: "VARCHAR"})) }}'),
        '{{ dbt.escape_single_quotes(key) }}'
    )
{%- endmacro %}
