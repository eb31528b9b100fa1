{% macro bigquery__json_list(expression) -%}
    case when json_type({{ expression }}) = 'array' then {{ expression }} end
{%- endmacro %}
