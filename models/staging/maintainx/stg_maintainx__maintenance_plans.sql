with

records as (

    {{ newest_records(source('maintainx', 'maintenance_plans'), {
        'workOrderBlueprintId': 'integer',
        'creatorId': 'integer',
        'name': 'text',
        'triggerType': 'text',
        'intervalStrategy': 'text',
        'workOrderStartDatePadding': 'integer',
        'workOrderStartDateFixedDay': 'integer',
        'blueprintEstimatedTime': 'integer',
        'nextCycleOccurrence': 'integer',
        'startDate': 'text',
        'nextScheduledWorkOrderDueDate': 'text',
        'lastPlannedDueDate': 'text',
        'nextWorkOrderGenerationAt': 'text',
        'lastWorkOrderGeneratedAt': 'text',
        'createdAt': 'text',
        'updatedAt': 'text',
        'archivedAt': 'text',
        'workOrderStartDateOffset': 'json',
        'recurrence': 'json',
        'planningHorizon': 'json',
        'assets': 'json',
        'intervals': 'json',
    }) }}

),

final as (

    select
        organization_id,
        id as maintenance_plan_id,
        record.workOrderBlueprintId as work_order_blueprint_id,
        record.creatorId as creator_id,
        record.name,
        record.triggerType as trigger_type,
        record.intervalStrategy as interval_strategy,
        record.workOrderStartDatePadding as work_order_start_date_padding_hours,
        record.workOrderStartDateFixedDay as work_order_start_date_fixed_day,
        record.blueprintEstimatedTime as blueprint_estimated_time_minutes,
        record.nextCycleOccurrence as next_cycle_occurrence,
        {{ to_utc_timestamp('record.startDate') }} as start_at,
        {{ to_utc_timestamp('record.nextScheduledWorkOrderDueDate') }}
            as next_scheduled_work_order_due_at,
        {{ to_utc_timestamp('record.lastPlannedDueDate') }} as last_planned_due_at,
        {{ to_utc_timestamp('record.nextWorkOrderGenerationAt') }} as next_work_order_generation_at,
        {{ to_utc_timestamp('record.lastWorkOrderGeneratedAt') }} as last_work_order_generated_at,
        {{ to_utc_timestamp('record.createdAt') }} as created_at,
        {{ to_utc_timestamp('record.updatedAt') }} as updated_at,
        {{ to_utc_timestamp('record.archivedAt') }} as archived_at,
        {{ json_object('record.workOrderStartDateOffset') }} as work_order_start_date_offset,
        {{ json_object('record.recurrence') }} as recurrence,
        {{ json_object('record.planningHorizon') }} as planning_horizon,
        {{ json_list('record.assets') }} as assets,
        {{ json_list('record.intervals') }} as intervals,
        is_deleted,
        deleted_at,
        extracted_at
    from records

)

select * from final
