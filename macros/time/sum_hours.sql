{#- A sum of decimals does not depend on the order of rows, so two builds give the same result. -#}
{% macro sum_hours(expression) -%}
    cast(coalesce(sum(cast({{ expression }} * 3600 as decimal(28, 6))), 0) as {{ type_double() }})
    / 3600
{%- endmacro %}
