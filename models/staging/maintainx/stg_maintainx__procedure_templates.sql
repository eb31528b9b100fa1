with

records as (

    {{ newest_records(source('maintainx', 'procedure_templates'), {
        'title': 'text',
        'rows': 'json',
    }) }}

),

final as (

    select
        organization_id,
        id as procedure_template_id,
        record.title,
        {{ json_list('record.rows') }} as template_rows,
        is_deleted,
        deleted_at,
        extracted_at
    from records

)

select * from final
