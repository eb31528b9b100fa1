with

records as (

    {{ newest_records(source('maintainx', 'root_cause_analysis_reports'), {
        'mainAssetId': 'integer',
        'mainAssetStatusId': 'integer',
        'creatorId': 'integer',
        'updaterId': 'integer',
        'status': 'text',
        'incidentDuration': 'integer',
        'repairTime': 'integer',
        'incidentStartedAt': 'text',
        'incidentEndedAt': 'text',
        'createdAt': 'text',
        'updatedAt': 'text',
        'completedAt': 'text',
        'archivedAt': 'text',
        'notes': 'json',
        'relatedAssetIds': 'json',
        'workOrderIds': 'json',
        'problems': 'json',
    }) }}

),

final as (

    select
        organization_id,
        id as root_cause_analysis_report_id,
        record.mainAssetId as main_asset_id,
        record.mainAssetStatusId as main_asset_status_id,
        record.creatorId as creator_id,
        record.updaterId as updater_id,
        record.status,
        record.incidentDuration as incident_duration_seconds,
        record.repairTime as repair_time_seconds,
        {{ to_utc_timestamp('record.incidentStartedAt') }} as incident_started_at,
        {{ to_utc_timestamp('record.incidentEndedAt') }} as incident_ended_at,
        {{ to_utc_timestamp('record.createdAt') }} as created_at,
        {{ to_utc_timestamp('record.updatedAt') }} as updated_at,
        {{ to_utc_timestamp('record.completedAt') }} as completed_at,
        {{ to_utc_timestamp('record.archivedAt') }} as archived_at,
        {{ json_object('record.notes') }} as notes,
        {{ json_list('record.relatedAssetIds') }} as related_asset_ids,
        {{ json_list('record.workOrderIds') }} as work_order_ids,
        {{ json_list('record.problems') }} as problems,
        is_deleted,
        deleted_at,
        extracted_at
    from records

)

select * from final
