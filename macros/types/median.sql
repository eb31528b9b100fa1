{% macro median(expression) -%}
    {{ adapter.dispatch('median')(expression) }}
{%- endmacro %}

{% macro duckdb__median(expression) -%}
    median({{ expression }})
{%- endmacro %}

{#- The mean of the two middle values. For an odd count both are the same value. -#}
{% macro bigquery__median(expression) -%}
    (
        array_agg({{ expression }} ignore nulls order by {{ expression }})
            [safe_offset(div(count({{ expression }}) - 1, 2))]
        + array_agg({{ expression }} ignore nulls order by {{ expression }})
            [safe_offset(div(count({{ expression }}), 2))]
    ) / 2
{%- endmacro %}
