with

versions as (

    select * from {{ ref('int_work_orders__versions') }}

),

statuses as (

    select * from {{ ref('work_order_statuses') }}

),

flagged as (

    select
        *,
        lag(is_deleted, 1, false) over (
            partition by organization_id, work_order_id
            order by version_number
        ) as was_deleted,
        min(case when not is_deleted then valid_from end) over (
            partition by organization_id, work_order_id
            order by version_number
            rows between 1 following and unbounded following
        ) as returned_at
    from versions

),

final as (

    select
        flagged.organization_id,
        flagged.work_order_id,
        row_number() over (
            partition by flagged.organization_id, flagged.work_order_id
            order by flagged.version_number
        ) as deletion_number,
        flagged.version_number,
        flagged.asset_id,
        flagged.location_id,
        flagged.sequential_id,
        flagged.title,
        flagged.status as source_status,
        coalesce(statuses.status, flagged.status) as status,
        flagged.priority as source_priority,
        coalesce(flagged.work_type, 'UNKNOWN') as work_type,
        case when flagged.is_gone then 'vanished' else 'marked' end as deletion_kind,
        flagged.returned_at is null as is_still_deleted,
        flagged.created_at,
        flagged.completed_at,
        flagged.deleted_at,
        flagged.extracted_at as noticed_at,
        flagged.returned_at
    from flagged
    left join statuses
        on flagged.status = statuses.source_status
    where
        flagged.is_deleted
        and not flagged.was_deleted
        and coalesce(flagged.deleted_at <= {{ as_of() }}, true)

)

select * from final
