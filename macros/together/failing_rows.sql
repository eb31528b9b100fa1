{#- The SELECT of a data test, as dbt writes it in a node of its own. -#}
{% macro failing_rows(test) %}
    {%- if not test.test_metadata -%}
        {{ return(render(test.raw_code)) }}
    {%- endif -%}
    {%- set arguments = {} -%}
    {%- for name, value in test.test_metadata.kwargs.items() -%}
        {%- set is_reference = value is string and value.startswith('ref(') -%}
        {%- do arguments.update({name: render('{{ ' ~ value ~ ' }}') if is_reference else value}) -%}
    {%- endfor -%}
    {%- set tested = ref(graph.nodes[test.attached_node].name) -%}
    {%- if test.config.where -%}
        {%- set tested = '(select * from ' ~ tested ~ ' where ' ~ test.config.where ~ ') as tested' -%}
    {%- endif -%}
    {%- do arguments.update({'model': tested}) -%}
    {{ return(context['test_' ~ test.test_metadata.name](**arguments)) }}
{% endmacro %}
