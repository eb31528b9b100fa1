{% macro drop_passed_failures(results) %}
    {% if execute and flags.WHICH in ['build', 'test'] %}
        {% set together = results
            | selectattr('node.resource_type', 'equalto', 'test')
            | selectattr('node.config.meta.runs')
            | list %}
        {% set passed = (together + data_test_results(results))
            | selectattr('status', 'equalto', 'pass')
            | selectattr('node.relation_name')
            | list %}
        {% if passed %}
            {% call statement('drop_passed_failures') %}
                {% for result in passed %}
                drop table if exists {{ result.node.relation_name }};
                {% endfor %}
            {% endcall %}
            {% do adapter.commit() %}
        {% endif %}
    {% endif %}
{% endmacro %}
