{% macro json_list(expression) -%}
    {{ adapter.dispatch('json_list')(expression) }}
{%- endmacro %}

{% macro duckdb__json_list(expression) -%}
    case when json_type({{ expression }}) = 'ARRAY' then {{ expression }} end
{%- endmacro %}

{% macro bigquery__json_list(expression) -%}
    case when json_type({{ expression }}) = 'array' then {{ expression }} end
{%- endmacro %}
