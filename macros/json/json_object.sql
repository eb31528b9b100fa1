{% macro json_object(expression) -%}
    {{ adapter.dispatch('json_object')(expression) }}
{%- endmacro %}

{% macro duckdb__json_object(expression) -%}
    case when json_type({{ expression }}) = 'OBJECT' then {{ expression }} end
{%- endmacro %}

{% macro bigquery__json_object(expression) -%}
    case when json_type({{ expression }}) = 'object' then {{ expression }} end
{%- endmacro %}
