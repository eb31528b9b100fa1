{{ incremental_by_key("
    stamps_of_rows(ref('fct_work_orders'), [
        'time_zone', 'started_on', 'start_at <= ' ~ as_of(), 'deadline_at', 'deadline_at < ' ~ as_of()
    ]) ~ ' union all ' ~ stamps_of_rows(ref('fct_work_order_status_changes'), [
        'change_number', 'to_source_status', 'to_status', 'changed_at', 'changed_at <= ' ~ as_of()
    ])
") }}

with

work_orders as (

    select * from {{ touched(ref('fct_work_orders')) }}

),

as_of as (

    select {{ as_of() }} as as_of_at

),

{{ status_changes_until_now('work_orders') }},

{# A start or a deadline after the as-of time starts no new date range. #}
turns as (

    select
        work_orders.organization_id,
        work_orders.work_order_id,
        work_orders.start_at > as_of.as_of_at as is_still_upcoming,
        case when work_orders.start_at <= as_of.as_of_at then work_orders.started_on end
            as started_on,
        case
            when work_orders.deadline_at < as_of.as_of_at
                then
                    {{ local_date(
                        add_time('microsecond', 1, 'work_orders.deadline_at'),
                        'work_orders.time_zone'
                    ) }}
        end as overdue_on
    from work_orders
    cross join as_of

),

turning_days as (

    select
        organization_id,
        work_order_id,
        changed_on as from_on,
        change_number
    from status_changes_until_now

    union all

    select
        organization_id,
        work_order_id,
        started_on as from_on,
        null as change_number
    from turns
    where started_on is not null

    union all

    select
        organization_id,
        work_order_id,
        overdue_on as from_on,
        null as change_number
    from turns
    where overdue_on is not null

),

days as (

    select
        organization_id,
        work_order_id,
        from_on,
        max(max(change_number)) over (
            partition by organization_id, work_order_id
            order by from_on
        ) as change_number
    from turning_days
    group by organization_id, work_order_id, from_on

),

started_days as (

    select
        days.organization_id,
        days.work_order_id,
        days.from_on,
        changes.source_status,
        changes.status,
        changes.is_open,
        coalesce(
            changes.is_open and (turns.is_still_upcoming or days.from_on < turns.started_on),
            false
        ) as is_upcoming,
        turns.overdue_on
    from days
    inner join status_changes_until_now as changes
        on
            days.organization_id = changes.organization_id
            and days.work_order_id = changes.work_order_id
            and days.change_number = changes.change_number
    inner join turns
        on
            days.organization_id = turns.organization_id
            and days.work_order_id = turns.work_order_id

),

states as (

    select
        organization_id,
        work_order_id,
        from_on,
        source_status,
        status,
        is_open,
        is_upcoming,
        coalesce(is_open and not is_upcoming and from_on >= overdue_on, false) as is_overdue
    from started_days

),

followed as (

    select
        *,
        row_number() over of_order as day_number,
        lag(source_status) over of_order as former_source_status,
        lag(is_upcoming) over of_order as was_upcoming,
        lag(is_overdue) over of_order as was_overdue
    from states
    window of_order as (partition by organization_id, work_order_id order by from_on)

),

runs as (

    select
        *,
        lead(from_on) over (
            partition by organization_id, work_order_id
            order by from_on
        ) as next_from_on
    from followed
    where
        day_number = 1
        or source_status is distinct from former_source_status
        or is_upcoming != was_upcoming
        or is_overdue != was_overdue

),

final as (

    select
        organization_id,
        work_order_id,
        source_status,
        status,
        is_open,
        is_upcoming,
        coalesce(source_status = 'ON_HOLD', false) as is_on_hold,
        is_overdue,
        from_on,
        {{ add_days('next_from_on', -1) }} as to_on
    from runs

)

select * from final
