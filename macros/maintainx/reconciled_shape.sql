{% macro reconciled_shape() %}
    {% set shape = {'deletedAt': 'text'} %}
    {% for key in var('reconciled_fields').values() %}
        {% do shape.update({key: 'text'}) %}
    {% endfor %}
    {{ return(shape) }}
{% endmacro %}
