{#- One statement. dbt's own macro asks the table for its columns twice before that. -#}
{% macro duckdb__persist_docs(relation, model, for_relation, for_columns) %}
    {% call statement('persist_docs') %}
        {{ comments(relation, model, for_relation, for_columns) }}
    {% endcall %}
{% endmacro %}


{% macro comments(relation, model, for_relation=true, for_columns=true) %}
    {%- if for_relation and config.persist_relation_docs() and model.description %}
    {{ alter_relation_comment(relation, model.description) }}
    {%- endif %}
    {%- for column in model.columns.values() if for_columns and config.persist_column_docs() %}
    comment on column {{ relation }}.{{ column.name }} is {{ duckdb_escape_comment(column.description) }};
    {%- endfor %}
{% endmacro %}
