{% macro insert_rows(relation, rows) -%}
    {%- set names = rows[0].keys() | list -%}
    insert into {{ relation }} ({{ names | join(', ') }}) values
    {%- for row in rows %}
    (
        {%- for name in names %}
        {{- literal(row[name]) }}{{ ', ' if not loop.last }}
        {%- endfor -%}
    ){{ ',' if not loop.last }}
    {%- endfor %}
{%- endmacro %}
