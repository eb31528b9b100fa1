with

records as (

    {{ newest_records(source('maintainx', 'vendor_details'), {
        'description': 'text',
        'emails': 'json',
        'phoneNumbers': 'json',
        'contactIds': 'json',
        'thumbnail': 'json',
        'attachments': 'json',
    }) }}

),

final as (

    select
        organization_id,
        id as vendor_id,
        record.description,
        {{ json_list('record.emails') }} as emails,
        {{ json_list('record.phoneNumbers') }} as phone_numbers,
        {{ json_list('record.contactIds') }} as contact_ids,
        {{ json_object('record.thumbnail') }} as thumbnail,
        {{ json_list('record.attachments') }} as attachments,
        is_deleted,
        deleted_at,
        extracted_at
    from records

)

select * from final
