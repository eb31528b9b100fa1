{% macro hours_between(first_timestamp, last_timestamp) -%}
    {{ dbt.datediff(first_timestamp, last_timestamp, 'millisecond') }} / 3600000.0
{%- endmacro %}
