with

reports as (

    select * from {{ ref('stg_maintainx__root_cause_analysis_reports') }}
    where
        not is_deleted
        and coalesce(created_at <= {{ as_of() }}, true)

),

links as (

    select
        organization_id,
        root_cause_analysis_report_id,
        'MAIN_ASSET' as link_type,
        main_asset_id as linked_id
    from reports

    union distinct

    select
        reports.organization_id,
        reports.root_cause_analysis_report_id,
        'RELATED_ASSET' as link_type,
        linked_id
    from {{ json_elements('reports', 'related_asset_ids', 'integer', 'linked_id') }}

    union distinct

    select
        reports.organization_id,
        reports.root_cause_analysis_report_id,
        'WORK_ORDER' as link_type,
        linked_id
    from {{ json_elements('reports', 'work_order_ids', 'integer', 'linked_id') }}

),

final as (

    select
        organization_id,
        root_cause_analysis_report_id,
        link_type,
        linked_id,
        case when link_type != 'WORK_ORDER' then linked_id end as asset_id,
        case when link_type = 'WORK_ORDER' then linked_id end as work_order_id
    from links
    where linked_id is not null

)

select * from final
