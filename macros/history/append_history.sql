{% macro append_history(results) %}
    {#- The references stand outside the condition, so that dbt finds them when it parses. -#}
    {% set relations = history_relations() %}
    {% set runs = ref('stg_maintainx__runs') %}
    {% set models = {
        'reconciliation_results': ref('rec_summary'),
        'coverage_results': ref('dq_coverage'),
    } %}
    {% if execute and results and flags.WHICH in history_commands() %}
        {% set build = this_build(runs) %}
        {% set rows = {
            'model_runs': node_rows(results, 'model', build),
            'test_results': node_rows(results, 'test', build),
        } %}
        {% set built = results
            | selectattr('status', 'equalto', 'success')
            | map(attribute='node.name')
            | list %}
        {% call statement('append_history') %}
            {#- Some engines read few long lists of values slower than many short lists. -#}
            {% for table, table_rows in rows.items() %}
            {% for some in table_rows | batch(50) %}
            {{ insert_rows(relations[table], some) }};
            {% endfor %}
            {% endfor %}
            {% for table, model in models.items() if model.identifier in built %}
            {{ insert_model(relations[table], model, build) }};
            {% endfor %}
        {% endcall %}
        {% do adapter.commit() %}
        {% do copy_history(relations) %}
    {% endif %}
{% endmacro %}
