{% macro create_history_tables(relations) %}
    {% for table, columns in history_tables().items() %}
    create table if not exists {{ relations[table] }} (
        {%- for name, type in columns.items() %}
        {{ name }} {{ type }}{{ ',' if not loop.last }}
        {%- endfor %}
    );
    {% endfor %}
{% endmacro %}
