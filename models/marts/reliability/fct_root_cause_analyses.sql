with

reports as (

    select
        *,
        {{ parse_json('notes', {'text': 'text'}) }} as note
    from {{ ref('stg_maintainx__root_cause_analysis_reports') }}
    where
        not is_deleted
        and coalesce(created_at <= {{ as_of() }}, true)

),

assets as (

    select * from {{ ref('dim_assets') }}

),

problems as (

    select
        organization_id,
        root_cause_analysis_report_id,
        count(distinct problem_number) as problem_count
    from {{ ref('fct_root_cause_steps') }}
    group by organization_id, root_cause_analysis_report_id

),

final as (

    select
        reports.organization_id,
        reports.root_cause_analysis_report_id,
        reports.main_asset_id as asset_id,
        reports.main_asset_status_id as asset_status_id,
        reports.creator_id as created_by_user_id,
        reports.updater_id as updated_by_user_id,
        reports.status as source_status,
        assets.asset_name,
        assets.site_label,
        reports.note.text as notes,
        coalesce(problems.problem_count, 0) as problem_count,
        reports.incident_duration_seconds / 3600 as incident_hours,
        reports.repair_time_seconds / 3600 as repair_hours,
        coalesce(reports.status = 'DONE', false) as is_done,
        reports.incident_started_at,
        reports.incident_ended_at,
        reports.created_at,
        reports.updated_at,
        reports.completed_at,
        reports.archived_at
    from reports
    left join problems
        on
            reports.organization_id = problems.organization_id
            and reports.root_cause_analysis_report_id = problems.root_cause_analysis_report_id
    left join assets
        on
            reports.organization_id = assets.organization_id
            and reports.main_asset_id = assets.asset_id

)

select * from final
