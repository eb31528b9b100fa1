{% macro cost_day(orders) -%}
    case
        when {{ orders }}.is_done and {{ orders }}.completed_on is not null
            then {{ orders }}.completed_on
        else {{ orders }}.created_on
    end
{%- endmacro %}
