{% macro copied_columns(model, original) %}
    {%- set originals = described_columns(original) -%}
    {%- set by_source = {} -%}
    {%- for name, column in originals.items() if column.source -%}
        {%- do by_source.update({column.source: name}) -%}
    {%- endfor -%}
    {%- set found = {} -%}
    {%- for name, column in described_columns(model).items() -%}
        {%- set copied = by_source.get(column.source, name) -%}
        {%- if copied in originals -%}
            {%- do found.update({name: {'original': copied, 'json': column.json}}) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(found) }}
{% endmacro %}
