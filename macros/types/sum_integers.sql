{#- A sum of bigint ends a query on BigQuery where it does not fit in a bigint. -#}
{% macro sum_integers(expression) -%}
    {{ dbt.safe_cast('sum(cast(' ~ expression ~ ' as decimal(28, 0)))', 'bigint') }}
{%- endmacro %}
