{#- DuckDB's own trim removes spaces only, BigQuery's removes all white space. -#}
{% macro trimmed(text) -%}
    trim({{ text }}, ' ' || chr(9) || chr(10) || chr(13) || chr(160))
{%- endmacro %}
