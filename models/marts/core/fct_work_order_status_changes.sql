{{ incremental_by_key("
    stamps_of_models([ref('int_work_orders__status_events'), ref('stg_maintainx__work_orders')])
    ~ ' union all ' ~ stamps_of_rows(ref('int_work_orders__status_events'), [
        'version_number', 'step', 'happened_at <= ' ~ as_of()
    ])
") }}

with

events as (

    select * from {{ touched(ref('int_work_orders__status_events')) }}

),

work_orders as (

    select * from {{ ref('stg_maintainx__work_orders') }}

),

statuses as (

    select * from {{ ref('work_order_statuses') }}

),

followed as (

    select
        *,
        row_number() over (
            partition by organization_id, work_order_id
            order by version_number, step
        ) as event_number,
        lag(status) over (
            partition by organization_id, work_order_id
            order by version_number, step
        ) as former_status
    from events

),

changes as (

    select
        *,
        row_number() over (
            partition by organization_id, work_order_id
            order by event_number
        ) as change_number,
        lag(evidence) over (
            partition by organization_id, work_order_id
            order by event_number
        ) as former_evidence,
        lag(happened_at) over (
            partition by organization_id, work_order_id
            order by event_number
        ) as former_happened_at
    from followed
    where
        event_number = 1
        or status is distinct from former_status

),

final as (

    select
        changes.organization_id,
        changes.work_order_id,
        changes.change_number,
        changes.former_status as from_source_status,
        changes.status as to_source_status,
        coalesce(former_statuses.status, changes.former_status) as from_status,
        coalesce(statuses.status, changes.status) as to_status,
        changes.evidence,
        case
            when
                changes.evidence != 'first_observed'
                and changes.former_evidence != 'first_observed'
                then {{ hours_between('changes.former_happened_at', 'changes.happened_at') }}
        end as hours_in_former_status,
        coalesce(changes.former_status = 'DONE', false) as is_reopening,
        work_orders.is_deleted,
        changes.happened_at as changed_at
    from changes
    inner join work_orders
        on
            changes.organization_id = work_orders.organization_id
            and changes.work_order_id = work_orders.work_order_id
    left join statuses
        on changes.status = statuses.source_status
    left join statuses as former_statuses
        on changes.former_status = former_statuses.source_status
    where changes.happened_at <= {{ as_of() }}

)

select * from final
