with

records as (

    {{ newest_records(source('maintainx', 'models'), {
        'manufacturerId': 'integer',
        'name': 'text',
    }) }}

),

final as (

    select
        organization_id,
        id as model_id,
        record.manufacturerId as manufacturer_id,
        record.name,
        is_deleted,
        deleted_at,
        extracted_at
    from records

)

select * from final
