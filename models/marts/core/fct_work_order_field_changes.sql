{{ incremental_by_key("
    stamps_of_models([ref('int_work_orders__versions')]) ~ ' union all '
    ~ stamps_of_rows(ref('int_work_orders__versions'), ['version_number', 'valid_from <= ' ~ as_of()])
") }}

with

versions as (

    select * from {{ touched(ref('int_work_orders__versions')) }}

),

pairs as (

    select
        latter.organization_id,
        latter.work_order_id,
        latter.version_number,
        latter.run_id,
        {%- for field in work_order_fields() %}
            {{ comparable_text('former', field) }} as old_{{ field }},
            {{ comparable_text('latter', field) }} as new_{{ field }},
        {%- endfor %}
        latter.valid_from as changed_at,
        latter.extracted_at
    from versions as latter
    inner join versions as former
        on
            latter.organization_id = former.organization_id
            and latter.work_order_id = former.work_order_id
            and latter.version_number = former.version_number + 1
    where latter.valid_from <= {{ as_of() }}

),

final as (

    {% for field in work_order_fields() %}
        select
            organization_id,
            work_order_id,
            version_number,
            '{{ field }}' as field,
            run_id,
            old_{{ field }} as old_value,
            new_{{ field }} as new_value,
            changed_at,
            extracted_at
        from pairs
        where old_{{ field }} is distinct from new_{{ field }}
        {{ 'union all' if not loop.last }}
    {% endfor %}

)

select * from final
