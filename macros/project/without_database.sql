{% macro without_database(relation) %}
    {{ return(relation.include(database=false)) }}
{% endmacro %}
