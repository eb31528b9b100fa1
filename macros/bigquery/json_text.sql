{% macro bigquery__json_text(expression) -%}
    case when {{ expression }} is not null then to_json_string({{ expression }}) end
{%- endmacro %}
