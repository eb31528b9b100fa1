{% macro literal(value) -%}
    {%- if value is none -%}
        null
    {%- elif value is boolean -%}
        {{ 'true' if value else 'false' }}
    {%- elif value is number -%}
        {{ value }}
    {%- elif value is string -%}
        {{ text_literal(value) }}
    {%- else -%}
        timestamp '{{ value }}'
    {%- endif -%}
{%- endmacro %}
