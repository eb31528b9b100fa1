{#- A load job knows these two types by BigQuery's own names alone. -#}
{% macro bigquery__load_csv_rows(model, agate_table) %}
    {% set types = model['config']['column_types'] %}
    {% for column, type in types.items() %}
        {% do types.update({column: {'bigint': 'int64', 'double': 'float64'}.get(type, type)}) %}
    {% endfor %}
    {{ return(dbt.bigquery__load_csv_rows(model, agate_table)) }}
{% endmacro %}
