{% macro bigquery__json_key_list(expression) -%}
    to_json_string({{ bigquery_json_keys(json_object(expression)) }})
{%- endmacro %}
