{% macro timestamp_text(expression) -%}
    {{ adapter.dispatch('timestamp_text')(expression) }}
{%- endmacro %}

{% macro duckdb__timestamp_text(expression) -%}
    cast({{ expression }} as string)
{%- endmacro %}

{#- BigQuery writes 00:00:00.250 where DuckDB writes 00:00:00.25. -#}
{% macro bigquery__timestamp_text(expression) -%}
    regexp_replace(cast(cast({{ expression }} as datetime) as string), r'(\.\d*?)0+$', r'\1')
{%- endmacro %}
