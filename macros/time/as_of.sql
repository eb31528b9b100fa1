{% macro as_of() -%}
    {%- if var('as_of') is none -%}
        (
            select runs.ended_at
            from {{ ref('stg_maintainx__runs') }} as runs
            where runs.state in ('done', 'partial', 'demo')
            order by runs.started_at desc
            limit 1
        )
    {%- else -%}
        {{ utc_timestamp_literal(var('as_of')) }}
    {%- endif -%}
{%- endmacro %}
