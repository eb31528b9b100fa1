with

records as (

    {{ newest_records(source('maintainx', 'work_order_details'), {
        'externalData': 'json',
        'progress': 'json',
        'thumbnail': 'json',
        'attachments': 'json',
    }) }}

),

final as (

    select
        organization_id,
        id as work_order_id,
        {{ json_object('record.externalData') }} as external_data,
        {{ json_object('record.progress') }} as progress,
        {{ json_object('record.thumbnail') }} as thumbnail,
        {{ json_list('record.attachments') }} as attachments,
        is_deleted,
        deleted_at,
        extracted_at
    from records

)

select * from final
