with

records as (

    {{ newest_records(source('maintainx', 'meter_trigger_details'), {
        'creatorId': 'integer',
        'workOrderTemplateId': 'integer',
        'description': 'text',
        'condition': 'text',
        'state': 'text',
        'amount': 'number',
        'nextTriggerValue': 'number',
        'period': 'integer',
        'dataPoints': 'json',
        'minDateForProcessing': 'text',
        'createdAt': 'text',
        'updatedAt': 'text',
    }) }}

),

final as (

    select
        organization_id,
        id as meter_trigger_id,
        record.creatorId as creator_id,
        record.workOrderTemplateId as work_order_template_id,
        record.description,
        record.condition as trigger_condition,
        record.state as trigger_state,
        {{ to_number('record.amount') }} as amount,
        {{ to_number('record.nextTriggerValue') }} as next_trigger_value,
        record.period as period_seconds,
        {{ json_object('record.dataPoints') }} as data_points,
        {{ to_utc_timestamp('record.minDateForProcessing') }} as active_from_at,
        {{ to_utc_timestamp('record.createdAt') }} as created_at,
        {{ to_utc_timestamp('record.updatedAt') }} as updated_at,
        is_deleted,
        deleted_at,
        extracted_at
    from records

)

select * from final
