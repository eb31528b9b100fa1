{% macro create_history() %}
    {% set relations = history_relations() %}
    {% if execute and flags.WHICH in history_commands() %}
        {% call statement('create_history') %}
            create schema if not exists {{ relations['model_runs'].without_identifier() }};
            {{ create_history_tables(relations) }}
            {#- At the start: BigQuery's free sandbox refuses to delete and insert, and the run
                stops before it builds anything. -#}
            {{ delete_old_builds(relations) }}
        {% endcall %}
        {% do adapter.commit() %}
        {% do copy_history(relations) %}
    {% endif %}
{% endmacro %}
