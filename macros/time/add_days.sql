{% macro add_days(day, days) -%}
    {{ adapter.dispatch('add_days')(day, days) }}
{%- endmacro %}

{% macro duckdb__add_days(day, days) -%}
    cast({{ dbt.dateadd('day', days, day) }} as date)
{%- endmacro %}

{#- BigQuery has no day after 9999-12-31. -#}
{% macro bigquery__add_days(day, days) -%}
    safe.date_add(cast({{ day }} as date), interval {{ days }} day)
{%- endmacro %}
