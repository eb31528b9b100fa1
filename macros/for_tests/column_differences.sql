{% macro column_differences(label, columns_of) -%}
    {%- for name, columns in columns_of.items() %}
    select
        '{{ name }}' as {{ label }},
        names.column_name,
        {%- for count in ['compared_count', 'differing_count', 'example_id'] %}
        case names.column_name
            {%- for column in columns %}
            when '{{ column }}' then {{ column }}_{{ count }}
            {%- endfor %}
        end as {{ count }}
        {{- ',' if not loop.last }}
        {%- endfor %}
    from (
        select
            {%- for column in columns %}
            {%- set is_differing = column ~ '_expected is distinct from ' ~ column ~ '_found' %}
            count({{ column }}_expected) as {{ column }}_compared_count,
            count(case when {{ is_differing }} then 1 end) as {{ column }}_differing_count,
            max(case when {{ is_differing }} then id end) as {{ column }}_example_id
            {{- ',' if not loop.last }}
            {%- endfor %}
        from compared_{{ name }}
    ) as counts
    cross join (
        {%- for column in columns %}
        select '{{ column }}' as column_name
        {{ 'union all' if not loop.last }}
        {%- endfor %}
    ) as names
    {{ 'union all' if not loop.last }}
    {%- endfor %}
{%- endmacro %}
