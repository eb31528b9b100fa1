{% macro publish_to_lake(results) %}
    {% if execute and target.name == 'ducklake' and flags.WHICH == 'build' and not is_of_part() %}
        {% set failed = results | rejectattr('status', 'in', ['success', 'pass', 'warn', 'no-op']) | list %}
        {% if failed or not results %}
            {% do log('not published: the lake is as before', info=True) %}
        {% else %}
            {#- What to store is the plugin's business: it takes all marts. -#}
            {% do adapter.store_relation('lake', api.Relation.create(schema='marts'), [], '', '', {}) %}
            {% do log('the marts are published to the lake', info=True) %}
        {% endif %}
    {% endif %}
{% endmacro %}
