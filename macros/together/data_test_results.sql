{#- A node that could not run has a result of its own, before those of its tests. -#}
{% macro data_test_results(results) %}
    {% set each = [] %}
    {% for result in results if result.node.resource_type == 'test' %}
        {% if not result.node.config.meta.get('runs') %}
            {% do each.append(result) %}
        {% else %}
            {% set found = {} %}
            {% if result.status == 'error' %}
                {% do each.append(result) %}
            {% elif result.failures %}
                {% for row in run_query('select * from ' ~ result.node.relation_name).rows %}
                    {% do found.update({row['node_id']: row['rows_failing']}) %}
                {% endfor %}
            {% endif %}
            {% for test in tests_run_by(result.node) %}
                {% set has_run = result.failures is not none %}
                {% set rows = found.get(test.unique_id, 0) %}
                {% set status = result.status if rows else 'pass' %}
                {% do each.append({
                    'node': test,
                    'status': status if has_run else 'skipped',
                    'failures': rows if has_run else none,
                    'message': 'Got ' ~ rows ~ ' results' if has_run else none,
                    'execution_time': none,
                    'timing': result.timing,
                }) %}
            {% endfor %}
        {% endif %}
    {% endfor %}
    {{ return(each) }}
{% endmacro %}
