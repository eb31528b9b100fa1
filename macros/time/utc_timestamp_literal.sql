{% macro utc_timestamp_literal(text) -%}
    {{ adapter.dispatch('utc_timestamp_literal')(text) }}
{%- endmacro %}

{% macro duckdb__utc_timestamp_literal(text) -%}
    (cast('{{ text }}' as timestamptz) at time zone 'UTC')
{%- endmacro %}

{% macro bigquery__utc_timestamp_literal(text) -%}
    timestamp '{{ text }}'
{%- endmacro %}
