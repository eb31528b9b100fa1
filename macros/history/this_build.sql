{% macro this_build(runs) %}
    {% set as_of_at = none %}
    {% if var('as_of') is not none or load_relation(runs) %}
        {% set as_of_at = run_query('select ' ~ as_of() ~ ' as as_of_at').rows[0][0] %}
    {% endif %}
    {{ return({
        'invocation_id': invocation_id,
        'command': flags.WHICH,
        'as_of_at': as_of_at,
        'build_started_at': run_started_at,
    }) }}
{% endmacro %}
