{% macro add_text_columns(relation, names) -%}
    {{ adapter.dispatch('add_text_columns')(relation, names) }}
{%- endmacro %}

{#- DuckDB adds one column per statement. -#}
{% macro duckdb__add_text_columns(relation, names) -%}
    {%- for name in names %}
    alter table {{ relation }} add column {{ adapter.quote(name) }} string;
    {%- endfor %}
{%- endmacro %}

{#- BigQuery accepts five changes of a table in ten seconds. -#}
{% macro bigquery__add_text_columns(relation, names) -%}
    alter table {{ relation }}
    {%- for name in names %}
        add column {{ adapter.quote(name) }} string{{ ',' if not loop.last else ';' }}
    {%- endfor %}
{%- endmacro %}
