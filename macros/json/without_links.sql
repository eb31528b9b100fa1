{% macro without_links(expression) -%}
    {{ adapter.dispatch('without_links')(expression) }}
{%- endmacro %}

{% macro duckdb__without_links(expression) -%}
    regexp_replace(
        cast({{ expression }} as string), '"(url|imageUrl)":\s*"[^"]*"', '"\1":null', 'g'
    )
{%- endmacro %}
