with

work_orders as (

    select * from {{ ref('int_work_orders__not_deleted') }}

),

statuses as (

    select * from {{ ref('work_order_statuses') }}

),

organizations as (

    select * from {{ ref('int_organizations__zoned') }}

),

locations as (

    select * from {{ ref('int_locations__zoned') }}

),

time_zones as (

    select time_zone from organizations
    union distinct
    select time_zone from locations
    union distinct
    select 'UTC' as time_zone

),

{# The local day is computed once per time zone, not once per order. #}
as_of as (

    select
        time_zone,
        {{ as_of() }} as as_of_at,
        {{ local_today('time_zone') }} as as_of_on
    from time_zones

),

zoned as (

    select
        work_orders.*,
        statuses.status as status_label,
        coalesce(work_orders.status = 'DONE', false) as is_done,
        coalesce(statuses.is_open, true) as is_open,
        {{ parse_json('work_orders.recurrence_info', {
            'type': 'text',
            'interval': 'integer',
            'days': ['text'],
        }) }} as recurrence,
        coalesce(locations.time_zone, organizations.time_zone, 'UTC') as time_zone
    from work_orders
    left join statuses
        on work_orders.status = statuses.source_status
    left join organizations
        on work_orders.organization_id = organizations.organization_id
    left join locations
        on
            work_orders.organization_id = locations.organization_id
            and work_orders.location_id = locations.location_id

),

dated as (

    select
        zoned.*,
        as_of.as_of_at,
        as_of.as_of_on,
        {{ local_date('zoned.created_at', 'zoned.time_zone') }} as created_on,
        {{ local_date('zoned.start_at', 'zoned.time_zone') }} as started_on,
        {{ local_date('zoned.due_at', 'zoned.time_zone') }} as due_on,
        {{ local_date('zoned.completed_at', 'zoned.time_zone') }} as completed_on,
        coalesce(zoned.is_open and zoned.start_at > as_of.as_of_at, false) as is_upcoming,
        coalesce(zoned.is_done and zoned.completed_at >= zoned.created_at, false)
            as has_valid_completion,
        case
            when zoned.work_type = 'PREVENTIVE' then coalesce(zoned.start_at, zoned.created_at)
            else zoned.created_at
        end as begun_at
    from zoned
    inner join as_of
        on zoned.time_zone = as_of.time_zone

),

limited as (

    select
        *,
        case
            -- BigQuery has no midnight after 9999-12-31.
            when is_due_full_day and due_on < '9999-12-31'
                then
                    {{ add_time(
                        'microsecond',
                        -1,
                        utc_timestamp_of_local_midnight(add_days('due_on', 1), 'time_zone')
                    ) }}
            else due_at
        end as deadline_at
    from dated

),

judged as (

    select
        *,
        coalesce(is_open and not is_upcoming and as_of_at > deadline_at, false) as is_overdue
    from limited

),

final as (

    select
        organization_id,
        work_order_id,
        coalesce(status_label, status) as status,
        coalesce(work_type, 'UNKNOWN') as work_type,
        time_zone,
        case
            when has_valid_completion then {{ hours_between('created_at', 'completed_at') }}
        end as duration_hours,
        case
            when
                has_valid_completion
                and completed_at >= begun_at
                then {{ hours_between('begun_at', 'completed_at') }}
        end as cycle_hours,
        cast(
            case recurrence.type
                when 'DAILY' then 1
                when 'WEEKLY'
                    then
                        7.0 * coalesce(recurrence.interval, 1)
                        / greatest(coalesce(array_length(recurrence.days), 1), 1)
                when 'MONTHLY' then 30.4375 * coalesce(recurrence.interval, 1)
                when 'YEARLY' then 365.25 * coalesce(recurrence.interval, 1)
                when 'PERIODICALLY' then recurrence.interval / 86400.0
            end
            as {{ type_double() }}
        ) as interval_days,
        case
            when is_open
                then {{ dbt.datediff('created_on', 'as_of_on', 'day') }}
        end as age_days,
        case
            when is_overdue
                then {{ dbt.datediff('due_on', 'as_of_on', 'day') }}
        end as overdue_days,
        not is_parent and coalesce(work_type, 'UNKNOWN') != 'CYCLE_COUNT' as is_counted,
        is_done,
        is_open,
        coalesce(status = 'CANCELED', false) as is_canceled,
        coalesce(status = 'SKIPPED', false) as is_skipped,
        coalesce(status = 'ON_HOLD', false) as is_on_hold,
        is_upcoming,
        is_overdue,
        case
            when deadline_at is not null
                then
                    coalesce(
                        is_done
                        and completed_at <= deadline_at
                        and coalesce(completed_at >= created_at, true),
                        false
                    )
        end as is_done_by_due,
        has_valid_completion,
        created_on,
        started_on,
        due_on,
        completed_on,
        deadline_at
    from judged

)

select * from final
