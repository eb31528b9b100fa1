{#- The data tests that a node of tests/dbt/together runs: none where a command selects tests. -#}
{% macro tests_run_by(node) %}
    {%- set tests = [] -%}
    {%- set data_tests = graph.nodes.values() | selectattr('resource_type', 'equalto', 'test') | list -%}
    {%- for test in data_tests if not test.config.meta.get('runs') -%}
        {%- if test.unique_id in selected_resources -%}
            {{ return([]) }}
        {%- endif -%}
        {%- set tested = graph.nodes.get(test.attached_node) -%}
        {%- set is_early = tested and ('marts' not in tested.fqn and 'quality' not in tested.fqn) -%}
        {%- set part = 'before_marts' if is_early else 'marts' -%}
        {%- if part == node.config.meta['runs'] and test.config.severity | lower == node.config.severity | lower -%}
            {%- do tests.append(test) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(tests) }}
{% endmacro %}
