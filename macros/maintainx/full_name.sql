{% macro full_name(first_name, last_name) -%}
    {%- set names -%}
        coalesce({{ trimmed(first_name) }}, '') || ' ' || coalesce({{ trimmed(last_name) }}, '')
    {%- endset -%}
    nullif({{ trimmed(names) }}, '')
{%- endmacro %}
