{% macro element_number() -%}
    {{ adapter.dispatch('element_number')() }}
{%- endmacro %}

{% macro duckdb__element_number() -%}
    position
{%- endmacro %}

{% macro bigquery__element_number() -%}
    (position + 1)
{%- endmacro %}
