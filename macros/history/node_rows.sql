{#- Nodes are counted, because `dbt retry` and `--fail-fast` leave out nodes, like a selection. -#}
{% macro node_rows(results, kind, build) %}
    {% set project = graph.nodes.values() | selectattr('resource_type', 'equalto', kind) | list %}
    {% set ran = results | selectattr('node.resource_type', 'equalto', kind) | list %}
    {% set shared = dict(build, is_whole=ran | length == project | length) %}
    {% set also = {'model': 'seed', 'test': 'unit_test'}[kind] %}
    {% set rows = [] %}
    {% for result in results if result.node.resource_type in [kind, also] %}
        {% do rows.append(dict(shared, **node_result(result))) %}
    {% endfor %}
    {{ return(rows) }}
{% endmacro %}
