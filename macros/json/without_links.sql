{% macro without_links(expression) -%}
    {{ adapter.dispatch('without_links')(expression) }}
{%- endmacro %}

{% macro duckdb__without_links(expression) -%}
    regexp_replace(
        cast({{ expression }} as string), '"(url|imageUrl)":\s*"[^"]*"', '"\1":null', 'g'
    )
{%- endmacro %}

{% macro bigquery__without_links(expression) -%}
    regexp_replace({{ json_text(expression) }}, r'"(url|imageUrl)":\s*"[^"]*"', r'"\1":null')
{%- endmacro %}
