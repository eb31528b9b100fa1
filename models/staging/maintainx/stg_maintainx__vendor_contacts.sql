with

records as (

    {{
        newest_records(source('maintainx', 'vendor_contacts'), {
            'contacts': 'json',
        })
    }}

),

final as (

    select
        organization_id,
        id as vendor_id,
        {{ json_list('record.contacts') }} as contacts,
        is_deleted,
        deleted_at,
        extracted_at
    from records

)

select * from final
