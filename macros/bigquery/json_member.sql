{% macro bigquery__json_member(json, key) -%}
    {{ bigquery_json_value(json ~ '[' ~ dbt.string_literal(dbt.escape_single_quotes(key)) ~ ']', '$', 'text') }}
{%- endmacro %}
