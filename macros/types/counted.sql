{% macro counted(number, noun) -%}
    cast({{ number }} as string) || ' {{ noun }}' || case when {{ number }} = 1 then '' else 's' end
{%- endmacro %}
