{% macro bigquery__type_double() -%}
    float64
{%- endmacro %}
