{% macro year_start(last_day) -%}
    {{ add_days(dbt.dateadd('month', -12, last_day), 1) }}
{%- endmacro %}
