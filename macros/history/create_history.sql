{% macro create_history() %}
    {% set relations = history_relations() %}
    {% if execute and flags.WHICH in history_commands() %}
        {% call statement('create_history') %}
            create schema if not exists {{ relations['model_runs'].without_identifier() }};
            {% for table, columns in history_tables().items() %}
            create table if not exists {{ relations[table] }} (
                {%- for name, type in columns.items() %}
                {{ name }} {{ type }}{{ ',' if not loop.last }}
                {%- endfor %}
            );
            {% endfor %}
        {% endcall %}
        {% do adapter.commit() %}
    {% endif %}
{% endmacro %}
