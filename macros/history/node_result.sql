{#- Each call of a macro takes 0.1 ms, and there are twenty columns of 700 tests: only what can be
    any text is made a literal by one. -#}
{% macro node_result(result) %}
    {% set node = result.node %}
    {% set passed = result.status in ['success', 'pass'] %}
    {% set columns = {
        'node_id': "'" ~ node.unique_id ~ "'",
        'node_name': "'" ~ node.name ~ "'",
        'kind': "'" ~ node.resource_type ~ "'",
        'status': "'" ~ result.status ~ "'",
        'message': 'null' if passed or not result.message else literal(result.message[:2000]),
        'seconds': result.execution_time if result.execution_time is number else 'null',
        'started_at': "timestamp '" ~ result.timing[0].started_at ~ "'" if result.timing else 'null',
        'ended_at': "timestamp '" ~ result.timing[-1].completed_at ~ "'" if result.timing else 'null',
    } %}
    {% if node.resource_type in ['test', 'unit_test'] %}
        {% do columns.update({
            'severity': "'" ~ (node.config.severity or 'error') | lower ~ "'",
            'rows_failing': result.failures if result.failures is number else 'null',
            'failing_rows_table': "'" ~ node.schema ~ '.' ~ node.alias ~ "'" if node.relation_name and not passed else 'null',
            'description': 'null' if passed or not node.description else literal(node.description | trim),
        }) %}
    {% endif %}
    {{ return(columns) }}
{% endmacro %}
