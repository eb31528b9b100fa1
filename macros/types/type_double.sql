{% macro type_double() -%}
    {{ adapter.dispatch('type_double')() }}
{%- endmacro %}

{% macro duckdb__type_double() -%}
    double
{%- endmacro %}
