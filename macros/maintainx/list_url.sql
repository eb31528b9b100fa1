{% macro list_url(list, id) -%}
    'https://app.getmaintainx.com/' || replace({{ list }}, '_', '') || '/' || cast({{ id }} as string)
{%- endmacro %}
