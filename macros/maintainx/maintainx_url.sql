{% macro maintainx_url(page, id) -%}
    'https://app.getmaintainx.com/{{ page }}/' || cast({{ id }} as string)
{%- endmacro %}
