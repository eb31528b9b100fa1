{#- dbt has a plain cast for DuckDB, which ends a build at the first text that is no number. -#}
{% macro duckdb__safe_cast(field, type) -%}
    try_cast({{ field }} as {{ type }})
{%- endmacro %}
