{#- An empty list becomes (null), which matches no value. -#}
{% macro string_list(values) -%}
    ({% for value in values %}{{ dbt.string_literal(dbt.escape_single_quotes(value)) }}
        {{- ', ' if not loop.last }}{% else %}null{% endfor %})
{%- endmacro %}
