{% macro list_elements(relation, expression, alias, name=none) -%}
    {{ adapter.dispatch('list_elements')(relation, expression, alias, name or relation) }}
{%- endmacro %}

{#-
    DuckDB runs a join with unnest as a join on the distinct values of what is taken apart, such as
    whole JSON texts. That takes three times as long as unnest in the select list.
-#}
{% macro duckdb__list_elements(relation, expression, alias, name) -%}
    (
        select
            *,
            unnest({{ alias }}_list) as {{ alias }},
            generate_subscripts({{ alias }}_list, 1) as position
        from (
            select
                *,
                {{ expression }} as {{ alias }}_list
            from {{ relation }} as {{ name }}
        ) as {{ name }}
    ) as {{ name }}
{%- endmacro %}

{% macro bigquery__list_elements(relation, expression, alias, name) -%}
    {{ relation }} as {{ name }}
    cross join unnest({{ expression }}) as {{ alias }} with offset as position
{%- endmacro %}
