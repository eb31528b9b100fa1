{#- A load job accepts only BigQuery's own names of these two types. -#}
{% macro bigquery__load_csv_rows(model, agate_table) %}
    {{ return(dbt.bigquery__load_csv_rows(bigquery_seed(model), agate_table)) }}
{% endmacro %}

{#- dbt does not load an empty seed, and only the load creates the table. -#}
{% macro bigquery__create_csv_table(model, agate_table) %}
    {% if not agate_table.rows %}
        {{ return(dbt.default__create_csv_table(bigquery_seed(model), agate_table)) }}
    {% endif %}
{% endmacro %}

{% macro bigquery__reset_csv_table(model, full_refresh, old_relation, agate_table) %}
    {% do adapter.drop_relation(old_relation) %}
    {{ return(bigquery__create_csv_table(model, agate_table)) }}
{% endmacro %}

{% macro bigquery_seed(model) %}
    {% set types = model['config']['column_types'] %}
    {% for column, type in types.items() %}
        {% do types.update({column: {'bigint': 'int64', 'double': 'float64'}.get(type, type)}) %}
    {% endfor %}
    {{ return(model) }}
{% endmacro %}
