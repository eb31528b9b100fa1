with

records as (

    {{ newest_records(source('maintainx', 'work_order_details'), {
        'externalData': 'json',
        'isParent': 'boolean',
        'parentId': 'integer',
        'progress': {
            'openCount': 'integer',
            'inProgressCount': 'integer',
            'onHoldCount': 'integer',
            'doneCount': 'integer',
        },
        'thumbnail': 'json',
        'attachments': 'json',
    }) }}

),

final as (

    select
        organization_id,
        id as work_order_id,
        record.parentId as parent_work_order_id,
        record.progress.openCount as open_sub_work_orders,
        record.progress.inProgressCount as started_sub_work_orders,
        record.progress.onHoldCount as paused_sub_work_orders,
        record.progress.doneCount as done_sub_work_orders,
        record.isParent as is_parent,
        {{ json_object('record.externalData') }} as external_data,
        {{ json_object('record.thumbnail') }} as thumbnail,
        {{ json_list('record.attachments') }} as attachments,
        is_deleted,
        deleted_at,
        extracted_at
    from records

)

select * from final
