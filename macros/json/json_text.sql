{% macro json_text(expression) -%}
    {{ adapter.dispatch('json_text')(expression) }}
{%- endmacro %}

{% macro duckdb__json_text(expression) -%}
    cast({{ expression }} as string)
{%- endmacro %}

{% macro bigquery__json_text(expression) -%}
    case when {{ expression }} is not null then to_json_string({{ expression }}) end
{%- endmacro %}
