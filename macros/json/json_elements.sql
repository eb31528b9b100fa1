{% macro json_elements(relation, expression, shape, alias, name=none) -%}
    {{ list_elements(relation, parse_json(expression, [shape]), alias, name) }}
{%- endmacro %}
