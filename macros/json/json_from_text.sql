{% macro json_from_text(expression) -%}
    {{ adapter.dispatch('json_from_text')(expression) }}
{%- endmacro %}

{% macro duckdb__json_from_text(expression) -%}
    try_cast({{ expression }} as json)
{%- endmacro %}

{% macro bigquery__json_from_text(expression) -%}
    safe.parse_json({{ expression }}, wide_number_mode => 'round')
{%- endmacro %}
