{% macro add_time(part, amount, utc_timestamp) -%}
    {{ adapter.dispatch('add_time')(part, amount, utc_timestamp) }}
{%- endmacro %}

{% macro duckdb__add_time(part, amount, utc_timestamp) -%}
    date_add({{ utc_timestamp }}, interval ({{ amount }}) {{ part }})
{%- endmacro %}

{% macro bigquery__add_time(part, amount, utc_timestamp) -%}
    timestamp_add({{ utc_timestamp }}, interval {{ amount }} {{ part }})
{%- endmacro %}
