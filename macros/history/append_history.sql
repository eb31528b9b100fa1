{% macro append_history(results) %}
    {#- Named outside of the condition, so that dbt knows of them when it parses. -#}
    {% set runs = ref('stg_maintainx__runs') %}
    {% set models = {'reconciliation_results': ref('rec_summary'), 'coverage_results': ref('dq_coverage')} %}
    {% if execute and results and flags.WHICH in history_commands() %}
        {% set build = this_build(runs) %}
        {% set rows = {'model_runs': [], 'test_results': []} %}
        {% set built = [] %}
        {% for result in results if result.node.resource_type in ['model', 'seed'] %}
            {% do rows['model_runs'].append(dict(build, **node_result(result))) %}
            {% do built.append(result.node.name) if result.status == 'success' %}
        {% endfor %}
        {% for result in results if result.node.resource_type in ['test', 'unit_test'] %}
            {% do rows['test_results'].append(dict(build, **node_result(result))) %}
        {% endfor %}
        {% set oldest = run_started_at - modules.datetime.timedelta(days=var('quality_retention_days')) %}
        {% call statement('append_history') %}
            {% for table, table_rows in rows.items() if table_rows %}
            {{ insert_rows(table, table_rows) }};
            {% endfor %}
            {% for table, model in models.items() if model.identifier in built %}
            {{ insert_model(table, model, build) }};
            {% endfor %}
            {% for table in history_tables() %}
            delete from quality.{{ table }} where build_started_at < {{ literal(oldest) }};
            {% endfor %}
        {% endcall %}
        {% do adapter.commit() %}
    {% endif %}
{% endmacro %}
