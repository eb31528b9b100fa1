with

records as (

    {{ newest_records(source('maintainx', 'asset_criticalities'), {
        'label': 'text',
        'level': 'integer',
    }) }}

),

final as (

    select
        organization_id,
        id as asset_criticality_id,
        record.label,
        record.level,
        is_deleted,
        deleted_at,
        extracted_at
    from records

)

select * from final
