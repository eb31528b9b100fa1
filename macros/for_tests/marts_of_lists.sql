{% macro marts_of_lists() %}
    {%- set other_names = {
        'part_transfer_requests': 'fct_part_transfers',
        'root_cause_analysis_reports': 'fct_root_cause_analyses',
    } -%}
    {%- set found = [] -%}
    {%- for list, id in list_models() -%}
        {%- for mart in mart_names()
            if mart in ('dim_' ~ list, 'fct_' ~ list, other_names.get(list)) -%}
            {%- do found.append((mart, list, id)) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(found) }}
{% endmacro %}
