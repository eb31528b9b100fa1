with

records as (

    {{ newest_records(source('maintainx', 'vendors'), {'name': 'text', 'extraFields': 'json'}) }}

),

final as (

    select
        organization_id,
        id as vendor_id,
        record.name,
        {{ json_object('record.extraFields') }} as extra_fields,
        is_deleted,
        deleted_at,
        extracted_at
    from records

)

select * from final
