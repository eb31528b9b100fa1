{#- dbt has a plain cast for DuckDB, which ends a build at the first text that is no number. -#}
{% macro duckdb__safe_cast(field, type) -%}
    try_cast({{ field }} as {{ type }})
{%- endmacro %}

{#- No cast makes JSON of text there; unit tests give it so. -#}
{% macro bigquery__safe_cast(field, type) -%}
    {%- if type | lower == 'json' -%}
        safe.parse_json({{ field }}, wide_number_mode => 'round')
    {%- else -%}
        safe_cast({{ field }} as {{ type }})
    {%- endif -%}
{%- endmacro %}
