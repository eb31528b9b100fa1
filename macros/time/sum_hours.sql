{#- Sums of decimals do not depend on the order of the rows, so that two builds are the same. -#}
{% macro sum_hours(expression) -%}
    cast(coalesce(sum(cast({{ expression }} * 3600 as decimal(28, 6))), 0) as {{ type_double() }})
    / 3600
{%- endmacro %}
