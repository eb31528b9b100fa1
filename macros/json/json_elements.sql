{% macro json_elements(expression, shape, alias) -%}
    {{ adapter.dispatch('json_elements')(expression, shape, alias) }}
{%- endmacro %}

{% macro duckdb__json_elements(expression, shape, alias) -%}
    unnest({{ parse_json(expression, [shape]) }})
    with ordinality as {{ alias }}_list({{ alias }}, position)
{%- endmacro %}

{% macro bigquery__json_elements(expression, shape, alias) -%}
    unnest({{ bigquery_json_value(expression, '$', [shape]) }}) as {{ alias }} with offset as position
{%- endmacro %}
