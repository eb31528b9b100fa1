{% macro create_history() %}
    {% if execute and flags.WHICH in history_commands() %}
        {% call statement('create_history') %}
            create schema if not exists quality;
            {% for table, columns in history_tables().items() %}
            create table if not exists quality.{{ table }} (
                {%- for name, type in columns.items() %}
                {{ name }} {{ type }}{{ ',' if not loop.last }}
                {%- endfor %}
            );
            {% endfor %}
        {% endcall %}
        {% do adapter.commit() %}
    {% endif %}
{% endmacro %}
