{% macro name_or_else(name, otherwise) -%}
    case when trim({{ name }}) != '' then {{ name }} else cast({{ otherwise }} as string) end
{%- endmacro %}
