{% macro drop_passed_failures(results) %}
    {% set passed = results
        | selectattr('status', 'equalto', 'pass')
        | selectattr('node.resource_type', 'equalto', 'test')
        | selectattr('node.should_store_failures')
        | list %}
    {% if execute and passed and flags.WHICH in ['build', 'test'] %}
        {% call statement('drop_passed_failures') %}
            {% for result in passed %}
            drop table if exists {{ result.node.relation_name }};
            {% endfor %}
        {% endcall %}
        {% do adapter.commit() %}
    {% endif %}
{% endmacro %}
