{% macro bigquery__element_number() -%}
    position + 1
{%- endmacro %}
