with

records as (

    {{ newest_records(source('maintainx', 'categories'), {
        'label': 'text',
        'description': 'text',
    }) }}

),

final as (

    select
        organization_id,
        id as category_id,
        record.label,
        record.description,
        is_deleted,
        deleted_at,
        extracted_at
    from records

)

select * from final
