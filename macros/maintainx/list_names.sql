{% macro list_names() %}
    {% set names = (list_models() + detail_models()) | map(attribute=0) | list %}
    {% for entity in custom_field_entities() %}
        {% do names.append('custom_fields_' ~ entity) %}
    {% endfor %}
    {{ return(names) }}
{% endmacro %}
