{#-
    On DuckDB a primary key is an index, which takes longer to build than most marts and is read by
    no query. The test unique_key of each mart finds what it would refuse.
-#}
{% macro duckdb__get_table_columns_and_constraints() -%}
    {%- set columns = adapter.render_raw_columns_constraints(raw_columns=model['columns']) -%}
    {%- set constraints = model['constraints'] | rejectattr('type', 'equalto', 'primary_key') | list -%}
    {%- set lines = adapter.render_raw_model_constraints(raw_constraints=constraints) -%}
    (
        {{ (columns + lines) | join(',\n        ') }}
    )
{%- endmacro %}
