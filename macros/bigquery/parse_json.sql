{% macro bigquery__parse_json(expression, shape) -%}
    {{ bigquery_json_value(expression, '$', shape) }}
{%- endmacro %}
