{% macro insert_model(relation, model, build) -%}
    {%- set names = history_tables()[relation.identifier].keys() | list -%}
    insert into {{ relation }} ({{ names | join(', ') }})
    select
        {%- for name in names %}
        {{ literal(build[name]) if name in build else name }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ model }}
{%- endmacro %}
