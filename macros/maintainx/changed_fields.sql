{% macro changed_fields(former, latter) -%}
    array_to_string([
        {%- for field in work_order_fields() %}
        case
            when
                {{ comparable_text(former, field) }}
                is distinct from {{ comparable_text(latter, field) }}
                then '{{ field }}'
        end{{ ',' if not loop.last }}
        {%- endfor %}
    ], '; ')
{%- endmacro %}
