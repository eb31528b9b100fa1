{% macro bigquery__to_number(expression) -%}
    cast(safe_cast({{ expression }} as numeric) as float64)
{%- endmacro %}
