{% macro this_build(runs) %}
    {% set as_of_at = none %}
    {% if var('as_of') is not none or load_relation(runs) %}
        {% set as_of_at = run_query('select ' ~ as_of()).rows[0][0] %}
    {% endif %}
    {% set chosen = [] %}
    {% for name in ['select', 'exclude', 'selector', 'resource_types', 'exclude_resource_types'] %}
        {% do chosen.append(invocation_args_dict.get(name)) %}
    {% endfor %}
    {{ return({
        'invocation_id': invocation_id,
        'command': flags.WHICH,
        'is_whole': flags.WHICH != 'retry' and not chosen | select | list,
        'as_of_at': as_of_at,
        'build_started_at': run_started_at,
    }) }}
{% endmacro %}
