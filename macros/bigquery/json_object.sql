{% macro bigquery__json_object(expression) -%}
    case when json_type({{ expression }}) = 'object' then {{ expression }} end
{%- endmacro %}
