{% macro bigquery__json_from_text(expression) -%}
    safe.parse_json({{ expression }}, wide_number_mode => 'round')
{%- endmacro %}
