{#- Columns that identify or date a version. All its other columns are fields of the order. -#}
{%- set own = [
    'organization_id', 'work_order_id', 'run_id', 'version_number', 'valid_from', 'valid_to',
    'is_current', 'is_gone', 'changed_fields', 'extracted_at', 'source_updated_at', 'updated_at',
    'deleted_at',
] -%}
{%- set versions = ref('int_work_orders__versions') -%}
{%- set fields = [] -%}
{%- set may_ask = flags.INTROSPECT is not false -%}
{%- for column in (adapter.get_columns_in_relation(versions) if may_ask else []) -%}
    {%- if column.name not in own -%}{%- do fields.append(column.name) -%}{%- endif -%}
{%- endfor -%}
{#- There are no columns where nothing is built (a lint) or no query may run. -#}
{%- set fields = fields or work_order_fields() -%}

with

changes as (

    select
        organization_id,
        work_order_id,
        version_number,
        field,
        old_value,
        new_value
    from {{ ref('fct_work_order_field_changes') }}

),

pairs as (

    select
        latter.organization_id,
        latter.work_order_id,
        {%- for field in fields %}
            {{ comparable_text('former', field) }} as old_{{ field }},
            {{ comparable_text('latter', field) }} as new_{{ field }},
        {%- endfor %}
        latter.version_number
    from {{ versions }} as latter
    inner join {{ versions }} as former
        on
            latter.organization_id = former.organization_id
            and latter.work_order_id = former.work_order_id
            and latter.version_number = former.version_number + 1
    where latter.valid_from <= {{ as_of() }}

),

differences as (

    {% for field in fields %}
        select
            organization_id,
            work_order_id,
            version_number,
            '{{ field }}' as field,
            old_{{ field }} as old_value,
            new_{{ field }} as new_value
        from pairs
        where old_{{ field }} is distinct from new_{{ field }}
        {{ 'union all' if not loop.last }}
    {% endfor %}

),

{{ differences('differences', 'changes') }}

select * from final
