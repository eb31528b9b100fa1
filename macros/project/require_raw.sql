{% macro require_raw() %}
    {% if execute and flags.WHICH in ['build', 'run', 'test', 'freshness'] %}
        {% if not load_relation(source('maintainx', '_runs')) %}
            {% do exceptions.raise_compiler_error(
                'no raw data for ' ~ (target.path or source('maintainx', '_runs').without_identifier())
                ~ ': run `make extract` (or `make demo`) first'
            ) %}
        {% endif %}
    {% endif %}
{% endmacro %}
