{% macro tests_that_found_rows(part) %}
    {%- do read_by_tests(part) -%}
    {%- set found = [] -%}
    {%- if execute and flags.WHICH in ['build', 'test'] -%}
        {#- More in one statement would need more memory. -#}
        {%- for tests in tests_run_by(model) | batch(20) -%}
            {%- set counts -%}
                {%- for test in tests %}
                select
                    '{{ test.unique_id }}' as node_id,
                    count(*) as rows_failing
                from ({{ failing_rows(test) }}) as failing_rows
                {{ 'union all' if not loop.last }}
                {%- endfor %}
            {%- endset -%}
            {%- for row in run_query(counts).rows if row['rows_failing'] -%}
                {%- do found.append(row) -%}
            {%- endfor -%}
        {%- endfor -%}
    {%- endif -%}
    {%- for row in found %}
        {%- set test = graph.nodes[row['node_id']] -%}
        {%- if test.relation_name -%}
            {%- do run_query('create or replace table ' ~ test.relation_name ~ ' as ' ~ failing_rows(test)) -%}
        {%- endif -%}
        {%- do log(test.config.severity | upper ~ ' ' ~ test.name ~ ': ' ~ row['rows_failing'] ~ ' rows', info=true) %}
        select
            '{{ test.unique_id }}' as node_id,
            '{{ test.name }}' as node_name,
            {{ row['rows_failing'] }} as rows_failing
        {{ 'union all' if not loop.last }}
    {%- else %}
        select
            cast(null as {{ dbt.type_string() }}) as node_id,
            cast(null as {{ dbt.type_string() }}) as node_name,
            cast(null as {{ dbt.type_bigint() }}) as rows_failing
        from (select 1 as one) as nothing
        where false
    {%- endfor %}
{% endmacro %}
