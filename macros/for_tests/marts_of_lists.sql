{% macro marts_of_lists() %}
    {%- set found = [] -%}
    {%- for list, id in list_models() -%}
        {%- for mart in mart_names() if mart in ('dim_' ~ list, 'fct_' ~ list) -%}
            {%- do found.append((mart, list, id)) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(found) }}
{% endmacro %}
