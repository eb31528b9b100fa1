{#
    A contract lists every column, so the user's columns are added after the contract is enforced,
    in the same transaction.
#}
{% macro add_custom_field_columns(relation) -%}
    {%- set fields = var('custom_field_columns') -%}
    {%- if fields %}
    {{ add_text_columns(relation, fields) }}
    update {{ relation }} set
        {%- for name, label in fields.items() %}
        {{ adapter.quote(name) }} = {{ json_member('custom_fields', label) }}
        {{- ',' if not loop.last }}
        {%- endfor %}
    where true
    {%- endif %}
{%- endmacro %}
