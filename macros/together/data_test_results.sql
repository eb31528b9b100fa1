{#- One result per data test, also of the tests that one node ran together. -#}
{% macro data_test_results(results) %}
    {% set each = [] %}
    {% for result in results if result.node.resource_type == 'test' %}
        {% if not result.node.config.meta.get('runs') %}
            {% do each.append(result) %}
        {% else %}
            {% set found = {} %}
            {% if result.failures %}
                {% for row in run_query('select * from ' ~ result.node.relation_name).rows %}
                    {% do found.update({row['node_id']: row['rows_failing']}) %}
                {% endfor %}
            {% endif %}
            {% for test in tests_run_by(result.node) %}
                {% set has_passed = result.status in ['fail', 'warn'] and test.unique_id not in found %}
                {% do each.append({
                    'node': test,
                    'status': 'pass' if has_passed else result.status,
                    'failures': none if result.failures is none else found.get(test.unique_id, 0),
                    'message': result.message,
                    'execution_time': none,
                    'timing': result.timing,
                }) %}
            {% endfor %}
        {% endif %}
    {% endfor %}
    {{ return(each) }}
{% endmacro %}
