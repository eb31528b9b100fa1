{% macro without_database(relation) %}
    {{ return(relation.include(database=relation.database != target.database)) }}
{% endmacro %}
