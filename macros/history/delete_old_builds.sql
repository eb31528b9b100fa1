{% macro delete_old_builds(relations) %}
    {% set age = modules.datetime.timedelta(days=var('quality_retention_days')) %}
    {% for relation in relations.values() %}
    delete from {{ relation }}
    where build_started_at < {{ literal(run_started_at - age) }};
    {% endfor %}
{% endmacro %}
