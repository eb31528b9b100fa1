with

records as (

    {{ newest_records(source('maintainx', 'manufacturers'), {'name': 'text'}) }}

),

final as (

    select
        organization_id,
        id as manufacturer_id,
        record.name,
        is_deleted,
        deleted_at,
        extracted_at
    from records

)

select * from final
