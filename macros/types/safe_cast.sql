{#- dbt's own safe_cast on DuckDB is a plain cast, which fails at a text that is no number. -#}
{% macro duckdb__safe_cast(field, type) -%}
    try_cast({{ field }} as {{ type }})
{%- endmacro %}

{#- BigQuery has no cast from text to JSON; unit tests give JSON as text. -#}
{% macro bigquery__safe_cast(field, type) -%}
    {%- if type | lower == 'json' -%}
        safe.parse_json({{ field }}, wide_number_mode => 'round')
    {%- else -%}
        safe_cast({{ field }} as {{ type }})
    {%- endif -%}
{%- endmacro %}
