{#- Nodes are counted, because `dbt retry` and `--fail-fast` leave out nodes, like a selection. -#}
{% macro node_rows(results, kind, build) %}
    {% set project = graph.nodes.values()
        | selectattr('resource_type', 'equalto', kind)
        | rejectattr('config.meta.runs')
        | list %}
    {% set ran = data_test_results(results) if kind == 'test'
        else results | selectattr('node.resource_type', 'equalto', kind) | list %}
    {% set also = {'model': 'seed', 'test': 'unit_test'}[kind] %}
    {% set is_whole = ran | rejectattr('node.config.meta.runs') | list | length == project | length %}
    {% set shared = {} %}
    {% for name, value in dict(build, is_whole=is_whole).items() %}
        {% do shared.update({name: literal(value)}) %}
    {% endfor %}
    {% set rows = [] %}
    {% for result in ran + results | selectattr('node.resource_type', 'equalto', also) | list %}
        {% do rows.append(dict(shared, **node_result(result))) %}
    {% endfor %}
    {{ return(rows) }}
{% endmacro %}
