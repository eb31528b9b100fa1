{#- MaintainX sends labour and cost entries in any order and signs links anew in every answer. -#}
{% macro comparable_text(relation, field) -%}
    {%- set column = relation ~ '.' ~ field -%}
    {%- if field in ['time_items', 'expenditures'] -%}
        {{ sorted_json_list(column) }}
    {%- elif field in ['procedure', 'parts'] -%}
        {{ without_links(column) }}
    {%- elif field in [
        'recurrence_info', 'assignees', 'categories', 'extra_fields', 'vendor_ids', 'work_order_summary'
    ] -%}
        {{ json_text(column) }}
    {%- elif field.endswith('_at') -%}
        {{ timestamp_text(column) }}
    {%- else -%}
        cast({{ column }} as string)
    {%- endif -%}
{%- endmacro %}
