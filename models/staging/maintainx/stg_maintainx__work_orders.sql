with

records as (

    {{ newest_records(source('maintainx', 'work_orders'), {
        'sequentialId': 'integer',
        'previousId': 'integer',
        'nextId': 'integer',
        'asset': {'id': 'integer'},
        'locationId': 'integer',
        'creatorId': 'integer',
        'completerId': 'integer',
        'requesterId': 'integer',
        'title': 'text',
        'description': 'text',
        'status': 'text',
        'priority': 'text',
        'type': 'text',
        'partsAvailability': 'text',
        'partStatus': 'text',
        'estimatedTime': 'integer',
        'dueDateIsFullDay': 'boolean',
        'createdAt': 'text',
        'updatedAt': 'text',
        'startDate': 'text',
        'dueDate': 'text',
        'completedAt': 'text',
        'lastMessageSentAt': 'text',
        'recurrenceInfo': 'json',
        'assignees': 'json',
        'categories': 'json',
        'parts': 'json',
        'procedure': 'json',
        'timeItems': 'json',
        'expenditures': 'json',
        'extraFields': 'json',
        'vendorIds': 'json',
        'workOrderSummary': 'json',
        'assetId': 'integer',
    }) }}

),

final as (

    select
        organization_id,
        id as work_order_id,
        record.sequentialId as sequential_id,
        record.previousId as previous_work_order_id,
        record.nextId as next_work_order_id,
        coalesce(record.asset.id, record.assetId) as asset_id,
        record.locationId as location_id,
        record.creatorId as creator_id,
        record.completerId as completed_by_user_id,
        record.requesterId as requested_by_user_id,
        record.title,
        record.description,
        record.status,
        record.priority,
        record.type as work_type,
        record.partsAvailability as parts_availability,
        record.partStatus as part_status,
        record.estimatedTime as estimated_time_seconds,
        record.dueDateIsFullDay as is_due_full_day,
        {{ to_utc_timestamp('record.createdAt') }} as created_at,
        {{ to_utc_timestamp('record.updatedAt') }} as updated_at,
        {{ to_utc_timestamp('record.startDate') }} as start_at,
        {{ to_utc_timestamp('record.dueDate') }} as due_at,
        {{ to_utc_timestamp('record.completedAt') }} as completed_at,
        {{ to_utc_timestamp('record.lastMessageSentAt') }} as last_message_sent_at,
        {{ json_object('record.recurrenceInfo') }} as recurrence_info,
        {{ json_list('record.assignees') }} as assignees,
        {{ json_list('record.categories') }} as categories,
        {{ json_list('record.parts') }} as parts,
        {{ json_object('record.procedure') }} as procedure,
        {{ json_list('record.timeItems') }} as time_items,
        {{ json_list('record.expenditures') }} as expenditures,
        {{ json_object('record.extraFields') }} as extra_fields,
        {{ json_list('record.vendorIds') }} as vendor_ids,
        {{ json_object('record.workOrderSummary') }} as work_order_summary,
        is_deleted,
        deleted_at,
        extracted_at
    from records

)

select * from final
