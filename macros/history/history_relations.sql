{#- Each by its name, as dbt has to find them when it parses. -#}
{% macro history_relations() %}
    {{ return({
        'model_runs': source('history', 'model_runs'),
        'test_results': source('history', 'test_results'),
        'reconciliation_results': source('history', 'reconciliation_results'),
        'coverage_results': source('history', 'coverage_results'),
    }) }}
{% endmacro %}
