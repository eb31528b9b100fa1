with

records as (

    {{ newest_records(source('maintainx', 'work_requests'), {
        'assetId': 'integer',
        'locationId': 'integer',
        'workOrderId': 'integer',
        'approverTeamId': 'integer',
        'title': 'text',
        'description': 'text',
        'priority': 'text',
        'requestStatus': 'text',
        'sendEmailNotification': 'boolean',
        'createdAt': 'text',
        'updatedAt': 'text',
        'creatorContactInfo': 'json',
        'thumbnail': 'json',
        'attachments': 'json',
        'extraFields': 'json',
    }) }}

),

final as (

    select
        organization_id,
        id as work_request_id,
        record.assetId as asset_id,
        record.locationId as location_id,
        record.workOrderId as work_order_id,
        record.approverTeamId as approver_team_id,
        record.title,
        record.description,
        record.priority,
        record.requestStatus as request_status,
        record.sendEmailNotification as has_email_notification,
        {{ to_utc_timestamp('record.createdAt') }} as created_at,
        {{ to_utc_timestamp('record.updatedAt') }} as updated_at,
        {{ json_object('record.creatorContactInfo') }} as creator_contact_info,
        {{ json_object('record.thumbnail') }} as thumbnail,
        {{ json_list('record.attachments') }} as attachments,
        {{ json_object('record.extraFields') }} as extra_fields,
        is_deleted,
        deleted_at,
        extracted_at
    from records

)

select * from final
