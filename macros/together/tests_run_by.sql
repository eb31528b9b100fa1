{#- A test that reads no mart runs before the marts, so that it also runs where a mart fails. -#}
{% macro tests_run_by(node) %}
    {%- set tests = [] -%}
    {%- for test in graph.nodes.values() if test.resource_type == 'test' and not test.config.meta.get('runs') -%}
        {%- if test.unique_id in selected_resources -%}
            {{ return([]) }}
        {%- endif -%}
        {%- set late = [] -%}
        {%- for parent in test.depends_on.nodes if parent in graph.nodes -%}
            {%- set folders = graph.nodes[parent].fqn -%}
            {%- if 'marts' in folders or 'quality' in folders -%}
                {%- do late.append(parent) -%}
            {%- endif -%}
        {%- endfor -%}
        {%- set part = 'marts' if late else 'before_marts' -%}
        {%- if part == node.config.meta['runs'] and test.config.severity | lower == node.config.severity | lower -%}
            {%- do tests.append(test) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(tests) }}
{% endmacro %}
