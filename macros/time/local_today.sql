{% macro local_today(time_zone) -%}
    {{ local_date(as_of(), time_zone) }}
{%- endmacro %}
