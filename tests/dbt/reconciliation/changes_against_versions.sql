with

changes as (

    select
        *,
        lead(from_source_status) over (
            partition by organization_id, work_order_id
            order by change_number
        ) as next_from_source_status,
        lead(change_number) over (
            partition by organization_id, work_order_id
            order by change_number
        ) as next_change_number,
        lead(changed_at) over (
            partition by organization_id, work_order_id
            order by change_number
        ) as next_changed_at
    from {{ ref('fct_work_order_status_changes') }}

),

-- What happened after the as-of time is not in the mart.
orders_that_changed_later as (

    select distinct
        organization_id,
        work_order_id
    from {{ ref('int_work_orders__status_events') }}
    where happened_at > {{ as_of() }}

),

fields as (

    select
        organization_id,
        work_order_id,
        version_number,
        count(*) as field_count
    from {{ ref('fct_work_order_field_changes') }}
    group by organization_id, work_order_id, version_number

),

versions as (

    select
        organization_id,
        work_order_id,
        version_number,
        case
            when changed_fields = '' then 0
            else length(changed_fields) - length(replace(changed_fields, ';', '')) + 1
        end as field_count
    from {{ ref('int_work_orders__versions') }}
    where valid_from <= {{ as_of() }}

),

final as (

    select
        'changes do not follow each other' as finding,
        changes.organization_id,
        changes.work_order_id,
        changes.change_number as number
    from changes
    where
        changes.next_change_number is not null
        and (
            changes.to_source_status is distinct from changes.next_from_source_status
            or changes.next_changed_at < changes.changed_at
            or changes.next_change_number != changes.change_number + 1
        )

    union all

    select
        'the last change is not the status now' as finding,
        work_orders.organization_id,
        work_orders.work_order_id,
        changes.change_number as number
    from {{ ref('stg_maintainx__work_orders') }} as work_orders
    left join changes
        on
            work_orders.organization_id = changes.organization_id
            and work_orders.work_order_id = changes.work_order_id
            and changes.next_change_number is null
    left join orders_that_changed_later
        on
            work_orders.organization_id = orders_that_changed_later.organization_id
            and work_orders.work_order_id = orders_that_changed_later.work_order_id
    where
        orders_that_changed_later.work_order_id is null
        and (
            changes.change_number is null
            or work_orders.status is distinct from changes.to_source_status
        )

    union all

    select
        'fields of a version are not its field changes' as finding,
        coalesce(versions.organization_id, fields.organization_id) as organization_id,
        coalesce(versions.work_order_id, fields.work_order_id) as work_order_id,
        coalesce(versions.version_number, fields.version_number) as number
    from versions
    full join fields
        on
            versions.organization_id = fields.organization_id
            and versions.work_order_id = fields.work_order_id
            and versions.version_number = fields.version_number
    where coalesce(versions.field_count, 0) != coalesce(fields.field_count, 0)

)

select * from final
