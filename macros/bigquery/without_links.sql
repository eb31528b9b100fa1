{% macro bigquery__without_links(expression) -%}
    regexp_replace({{ json_text(expression) }}, r'"(url|imageUrl)":\s*"[^"]*"', r'"\1":null')
{%- endmacro %}
