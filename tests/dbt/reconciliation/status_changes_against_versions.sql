with

changes as (

    select * from {{ ref('fct_work_order_status_changes') }}

),

versions as (

    select
        *,
        lag(status) over (
            partition by organization_id, work_order_id
            order by version_number
        ) as former_status,
        lag(valid_from) over (
            partition by organization_id, work_order_id
            order by version_number
        ) as former_valid_from
    from {{ ref('int_work_orders__versions') }}

),

witnessed as (

    select distinct
        changes.organization_id,
        changes.work_order_id,
        changes.change_number
    from changes
    inner join versions
        on
            changes.organization_id = versions.organization_id
            and changes.work_order_id = versions.work_order_id
    where
        (
            changes.to_source_status is not distinct from versions.status
            and changes.changed_at = versions.valid_from
        )
        or (changes.to_source_status = 'DONE' and changes.changed_at = versions.completed_at)
        or (
            changes.to_source_status = 'OPEN'
            and changes.evidence = 'reconstructed'
            and changes.changed_at = versions.created_at
        )

),

told as (

    select distinct
        versions.organization_id,
        versions.work_order_id,
        versions.version_number
    from versions
    inner join changes
        on
            versions.organization_id = changes.organization_id
            and versions.work_order_id = changes.work_order_id
            and versions.status is not distinct from changes.to_source_status
            and changes.changed_at between versions.former_valid_from and versions.valid_from

),

final as (

    select
        'nothing tells of this change' as finding,
        changes.organization_id,
        changes.work_order_id,
        changes.change_number as number
    from changes
    left join witnessed
        on
            changes.organization_id = witnessed.organization_id
            and changes.work_order_id = witnessed.work_order_id
            and changes.change_number = witnessed.change_number
    where witnessed.change_number is null

    union all

    select
        'the change of this version is missing' as finding,
        versions.organization_id,
        versions.work_order_id,
        versions.version_number as number
    from versions
    left join told
        on
            versions.organization_id = told.organization_id
            and versions.work_order_id = told.work_order_id
            and versions.version_number = told.version_number
    where
        versions.version_number > 1
        and versions.status is distinct from versions.former_status
        and told.version_number is null
        and versions.valid_from <= {{ as_of() }}

)

select * from final
