{% macro json_key_list(expression) -%}
    {{ adapter.dispatch('json_key_list')(expression) }}
{%- endmacro %}

{% macro duckdb__json_key_list(expression) -%}
    to_json(json_keys({{ json_object(expression) }}))
{%- endmacro %}

{% macro bigquery__json_key_list(expression) -%}
    to_json_string({{ bigquery_json_keys(json_object(expression)) }})
{%- endmacro %}
