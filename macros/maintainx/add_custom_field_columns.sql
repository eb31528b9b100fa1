{#
    A contract lists its columns one by one, so the columns that a user pulls up join the table
    once the contract has been enforced, in the same transaction.
#}
{% macro add_custom_field_columns() -%}
    {%- set fields = var('custom_field_columns') -%}
    {%- for name in fields %}
    alter table {{ this }} add column {{ adapter.quote(name) }} string;
    {%- endfor %}
    {%- if fields %}
    update {{ this }} set
        {%- for name, label in fields.items() %}
        {{ adapter.quote(name) }} = {{ json_member('custom_fields', label) }}
        {{- ',' if not loop.last }}
        {%- endfor %}
    where true
    {%- endif %}
{%- endmacro %}
