{% macro add_time(part, amount, utc_timestamp) -%}
    {{ adapter.dispatch('add_time')(part, amount, utc_timestamp) }}
{%- endmacro %}

{% macro duckdb__add_time(part, amount, utc_timestamp) -%}
    date_add({{ utc_timestamp }}, interval ({{ amount }}) {{ part }})
{%- endmacro %}

{#- BigQuery has no time after 9999-12-31. -#}
{% macro bigquery__add_time(part, amount, utc_timestamp) -%}
    safe.timestamp_add({{ utc_timestamp }}, interval {{ amount }} {{ part }})
{%- endmacro %}
