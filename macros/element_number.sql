{#- The number of an element that json_elements made a row of; the first one is 1. -#}
{% macro element_number() -%}
    {{ adapter.dispatch('element_number')() }}
{%- endmacro %}

{% macro duckdb__element_number() -%}
    position
{%- endmacro %}
