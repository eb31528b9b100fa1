{% macro described_columns(model) %}
    {%- set found = {} -%}
    {%- set columns = graph.nodes['model.' ~ project_name ~ '.' ~ model].columns if execute else {} -%}
    {%- for name, column in columns.items() -%}
        {%- set description = column.description.split() | join(' ') -%}
        {%- set source = modules.re.search('Source:? (`.+?`[^`]*?)[.]( |$)', description) -%}
        {%- set json = modules.re.search('JSON (array|object)', description) -%}
        {%- do found.update({name: {
            'source': source.group(1) if source else none,
            'json': json.group(1) if json else column.data_type == 'json',
        }}) -%}
    {%- endfor -%}
    {{ return(found) }}
{% endmacro %}
