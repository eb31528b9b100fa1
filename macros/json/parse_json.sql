{% macro parse_json(expression, shape) -%}
    {{ adapter.dispatch('parse_json')(expression, shape) }}
{%- endmacro %}

{% macro duckdb__parse_json(expression, shape) -%}
    from_json({{ expression }}, '{{ tojson(duckdb_json_structure(shape)) }}')
{%- endmacro %}

{% macro duckdb_json_structure(shape) %}
    {% if shape is mapping %}
        {% set fields = {} %}
        {% for name, type in shape.items() %}
            {% do fields.update({name: duckdb_json_structure(type)}) %}
        {% endfor %}
        {{ return(fields) }}
    {% elif shape is string %}
        {{ return({
            'text': 'VARCHAR',
            'integer': 'BIGINT',
            'number': 'DECIMAL(28, 8)',
            'boolean': 'BOOLEAN',
            'json': 'JSON',
        }[shape]) }}
    {% else %}
        {{ return([duckdb_json_structure(shape[0])]) }}
    {% endif %}
{% endmacro %}

{% macro bigquery__parse_json(expression, shape) -%}
    {{ bigquery_json_value(expression, '$', shape) }}
{%- endmacro %}
