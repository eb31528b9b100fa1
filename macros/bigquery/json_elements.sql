{% macro bigquery__json_elements(expression, shape, alias) -%}
    unnest({{ bigquery_json_value(expression, '$', [shape]) }}) as {{ alias }} with offset as position
{%- endmacro %}
