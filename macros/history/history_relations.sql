{#- Each name is written out, because dbt has to find the references when it parses. -#}
{% macro history_relations() %}
    {{ return({
        'model_runs': source('history', 'model_runs'),
        'test_results': source('history', 'test_results'),
        'reconciliation_results': source('history', 'reconciliation_results'),
        'coverage_results': source('history', 'coverage_results'),
    }) }}
{% endmacro %}
