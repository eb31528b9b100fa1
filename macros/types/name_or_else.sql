{% macro name_or_else(name, otherwise) -%}
    case when {{ trimmed(name) }} != '' then {{ name }} else cast({{ otherwise }} as string) end
{%- endmacro %}
