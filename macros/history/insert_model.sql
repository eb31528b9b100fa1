{% macro insert_model(table, model, build) -%}
    {%- set names = history_tables()[table].keys() | list -%}
    insert into quality.{{ table }} ({{ names | join(', ') }})
    select
        {%- for name in names %}
        {{ literal(build[name]) if name in build else name }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ model }}
{%- endmacro %}
