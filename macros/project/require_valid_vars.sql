{% macro require_valid_vars() %}
    {% if execute %}
        {% set lists = ['excluded_categories', 'excluded_work_types', 'running_hour_units'] %}
        {% set maps = ['custom_field_columns', 'reconciled_fields'] %}
        {% set numbers = {'repeat_failure_days': 0, 'quality_retention_days': 1} %}
        {% set known = lists + maps + numbers | list + ['as_of', 'skipped_counts_as_missed'] %}
        {% set wrong = [] %}
        {% for name in invocation_args_dict.get('vars', {}) if name not in known %}
            {% do wrong.append(name ~ ' is not a var of this project; use one of ' ~ known | join(', ')) %}
        {% endfor %}
        {% for name in lists
            if var(name) is string or var(name) is mapping or var(name) is not iterable %}
            {% do wrong.append(name ~ ' must be a list such as [Safety], not ' ~ var(name)) %}
        {% endfor %}
        {% for name in maps if var(name) is not mapping %}
            {% do wrong.append(name ~ ' must be {column: key}, not ' ~ var(name)) %}
        {% endfor %}
        {% set columns = graph.nodes['model.' ~ project_name ~ '.fct_work_orders'].columns %}
        {% for name in var('custom_field_columns') if name | lower in columns %}
            {% do wrong.append(
                'custom_field_columns names an existing column of fct_work_orders: ' ~ name
                ~ '; choose another name for it'
            ) %}
        {% endfor %}
        {% for name, least in numbers.items()
            if var(name) is boolean or var(name) is not integer or var(name) < least %}
            {% do wrong.append(
                name ~ ' must be a whole number of days, at least ' ~ least ~ ', not ' ~ var(name)
            ) %}
        {% endfor %}
        {% if var('skipped_counts_as_missed') is not boolean %}
            {% do wrong.append(
                'skipped_counts_as_missed must be true or false, not ' ~ var('skipped_counts_as_missed')
            ) %}
        {% endif %}
        {% if var('as_of') is not none and not is_iso_timestamp(var('as_of')) %}
            {% do wrong.append(
                'as_of must be a date or time such as 2026-01-31T06:00:00Z, not ' ~ var('as_of')
            ) %}
        {% endif %}
        {% if wrong %}
            {% do exceptions.raise_compiler_error('var ' ~ wrong | join('; var ')) %}
        {% endif %}
    {% endif %}
{% endmacro %}


{% macro is_iso_timestamp(value) %}
    {{ return(
        modules.re.match(
            '^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])'
            ~ '([T ]([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?$',
            value | string
        ) is not none
    ) }}
{% endmacro %}
