{% macro insert_rows(relation, rows) -%}
    insert into {{ relation }} ({{ rows[0].keys() | join(', ') }}) values
    {%- for row in rows %}
    ({{ row.values() | join(', ') }}){{ ',' if not loop.last }}
    {%- endfor %}
{%- endmacro %}
