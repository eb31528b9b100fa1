{% macro bigquery__to_number(expression) -%}
    cast(round(safe_cast({{ expression }} as numeric), 8) as float64)
{%- endmacro %}
