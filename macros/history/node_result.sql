{#- The columns of a result of node_results. -#}
{% macro node_result(result) %}
    {% set node = result.node %}
    {% set passed = result.status in ['success', 'pass'] %}
    {% set columns = {
        'node_id': node.unique_id,
        'node_name': node.name,
        'kind': node.resource_type | string,
        'status': result.status | string,
        'message': none if passed or not result.message else result.message[:2000],
        'seconds': result.execution_time,
        'started_at': result.timing[0].started_at if result.timing else none,
        'ended_at': result.timing[-1].completed_at if result.timing else none,
    } %}
    {% if node.resource_type in ['test', 'unit_test'] %}
        {% do columns.update({
            'severity': (node.config.severity or 'error') | lower,
            'rows_failing': result.failures,
            'failing_rows_table': node.schema ~ '.' ~ node.alias if node.relation_name and not passed else none,
            'description': none if passed or not node.description else node.description | trim,
        }) %}
    {% endif %}
    {{ return(columns) }}
{% endmacro %}
