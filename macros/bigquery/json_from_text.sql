{% macro bigquery__json_from_text(expression) -%}
    parse_json({{ expression }}, wide_number_mode => 'round')
{%- endmacro %}
