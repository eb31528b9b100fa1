{% macro sorted_json_list(expression) -%}
    {{ adapter.dispatch('sorted_json_list')(expression) }}
{%- endmacro %}

{% macro duckdb__sorted_json_list(expression) -%}
    cast(to_json(list_sort(from_json({{ expression }}, '["JSON"]'))) as string)
{%- endmacro %}
