{% macro as_of() -%}
    {%- if var('as_of') is none -%}
        (
            select max(runs.ended_at)
            from {{ ref('stg_maintainx__runs') }} as runs
            where runs.state in ('done', 'partial')
        )
    {%- else -%}
        {{ utc_timestamp_literal(var('as_of')) }}
    {%- endif -%}
{%- endmacro %}
