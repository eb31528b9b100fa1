{% macro insert_rows(table, rows) -%}
    {%- set names = rows[0].keys() | list -%}
    insert into quality.{{ table }} ({{ names | join(', ') }}) values
    {%- for row in rows %}
    (
        {%- for name in names %}
        {{- literal(row[name]) }}{{ ', ' if not loop.last }}
        {%- endfor -%}
    ){{ ',' if not loop.last }}
    {%- endfor %}
{%- endmacro %}
