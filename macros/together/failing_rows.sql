{% macro failing_rows(test) %}
    {%- set config = test.config -%}
    {%- if config.limit or (config.fail_calc, config.warn_if, config.error_if) != ('count(*)', '!= 0', '!= 0') -%}
        {%- do exceptions.raise_compiler_error(
            test.name ~ ': tests/dbt/together ignores limit, fail_calc, warn_if and error_if;'
            ~ ' write the limit into the SQL of the test'
        ) -%}
    {%- endif -%}
    {%- if not test.test_metadata -%}
        {{ return(render(test.raw_code)) }}
    {%- endif -%}
    {%- set arguments = {} -%}
    {%- for name, value in test.test_metadata.kwargs.items() -%}
        {%- set is_reference = value is string and value.startswith('ref(') -%}
        {%- do arguments.update({name: ref(value.split("'")[1]) if is_reference else value}) -%}
    {%- endfor -%}
    {%- set tested = ref(graph.nodes[test.attached_node].name) -%}
    {%- if config.where -%}
        {%- set tested = '(select * from ' ~ tested ~ ' where ' ~ config.where ~ ') as tested' -%}
    {%- endif -%}
    {%- do arguments.update({'model': tested}) -%}
    {{ return(context['test_' ~ test.test_metadata.name](**arguments)) }}
{% endmacro %}
