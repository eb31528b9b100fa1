{% macro to_utc_timestamp(expression) -%}
    {{ adapter.dispatch('to_utc_timestamp')(expression) }}
{%- endmacro %}

{#- DuckDB also accepts 'infinity', 'epoch', years of five digits, names of time zones and hour 24. -#}
{% macro duckdb__to_utc_timestamp(expression) -%}
    {%- set iso_8601 -%}
        ^[1-9]\d{3}-\d\d-\d\d([T ]([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d+)?)?(Z|[+-]\d\d(:?\d\d)?)?)?$
    {%- endset -%}
    try_cast(regexp_extract({{ expression }}, '{{ iso_8601 }}') as timestamptz) at time zone 'UTC'
{%- endmacro %}

{#- BigQuery requires a colon in an offset and at most six digits of a second; it accepts second 60. -#}
{% macro bigquery__to_utc_timestamp(expression) -%}
    {%- set iso_8601 -%}
        ^[1-9]\d{3}-\d\d-\d\d(?:[T ](?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d+)?)?(?:Z|[+-]\d\d(?::?\d\d)?)?)?$
    {%- endset -%}
    safe_cast(
        regexp_replace(
            regexp_replace(regexp_extract({{ expression }}, r'{{ iso_8601 }}'), r'(\.\d{6})\d+', r'\1'),
            r'([+-]\d\d)(\d\d)$',
            r'\1:\2'
        ) as timestamp
    )
{%- endmacro %}
