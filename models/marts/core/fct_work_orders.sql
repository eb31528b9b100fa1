{{ config(post_hook='{{ add_custom_field_columns() }}') }}

with

work_orders as (

    select * from {{ ref('int_work_orders__not_deleted') }}

),

costs as (

    select * from {{ ref('int_work_orders__costs') }}

),

{# Half of the orders of a type are thought to take less, half of them more. #}
counted_work_orders as (

    select
        organization_id,
        coalesce(work_type, 'UNKNOWN') as work_type,
        estimated_time_seconds
    from work_orders
    where
        not is_parent
        and coalesce(work_type, 'UNKNOWN') != 'CYCLE_COUNT'

),

estimates_by_type as (

    select
        organization_id,
        work_type,
        {{ median('estimated_time_seconds') }} as estimated_time_seconds
    from counted_work_orders
    group by organization_id, work_type

),

estimates as (

    select
        organization_id,
        {{ median('estimated_time_seconds') }} as estimated_time_seconds
    from counted_work_orders
    group by organization_id

),

reopenings as (

    select
        organization_id,
        work_order_id,
        count(*) as reopened_count
    from {{ ref('fct_work_order_status_changes') }}
    where is_reopening
    group by organization_id, work_order_id

),

earlier_repairs as (

    select * from {{ ref('int_work_orders__earlier_repairs') }}

),

statuses as (

    select * from {{ ref('work_order_statuses') }}

),

priorities as (

    select * from {{ ref('work_order_priorities') }}

),

organizations as (

    select * from {{ ref('dim_organizations') }}

),

locations as (

    select * from {{ ref('dim_locations') }}

),

assets as (

    select * from {{ ref('dim_assets') }}

),

users as (

    select * from {{ ref('dim_users') }}

),

assignees as (

    select
        organization_id,
        work_order_id,
        string_agg(assignee_name, '; ' order by position) as assignee_names
    from {{ ref('bridge_work_order_assignees') }}
    group by organization_id, work_order_id

),

categories as (

    select
        organization_id,
        work_order_id,
        string_agg(category_name, '; ' order by position) as category_names
    from {{ ref('bridge_work_order_categories') }}
    group by organization_id, work_order_id

),

as_of as (

    select {{ as_of() }} as as_of_at

),

zoned_work_orders as (

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
        locations.site_location_id,
        locations.location_name,
        coalesce(locations.location_path, '') as location_path,
        locations.site_name,
        coalesce(locations.time_zone, organizations.time_zone, 'UTC') as time_zone,
        organizations.currency,
        as_of.as_of_at
    from work_orders
    cross join as_of
    left join statuses
        on work_orders.status = statuses.source_status
    left join organizations
        on work_orders.organization_id = organizations.organization_id
    left join locations
        on
            work_orders.organization_id = locations.organization_id
            and work_orders.location_id = locations.location_id

),

dated_work_orders as (

    select
        *,
        {{ local_date('as_of_at', 'time_zone') }} as as_of_on,
        {{ local_date('created_at', 'time_zone') }} as created_on,
        {{ local_date('start_at', 'time_zone') }} as started_on,
        {{ local_date('due_at', 'time_zone') }} as due_on,
        {{ local_date('completed_at', 'time_zone') }} as completed_on,
        coalesce(is_open and start_at > as_of_at, false) as is_upcoming,
        coalesce(is_done and completed_at >= created_at, false) as has_valid_completion,
        case
            when work_type = 'PREVENTIVE' then coalesce(start_at, created_at)
            else created_at
        end as begun_at
    from zoned_work_orders

),

limited_work_orders as (

    select
        *,
        case
            when is_due_full_day
                then
                    {{ add_time(
                        'microsecond',
                        -1,
                        utc_timestamp_of_local_midnight(add_days('due_on', 1), 'time_zone')
                    ) }}
            else due_at
        end as deadline_at
    from dated_work_orders

),

judged_work_orders as (

    select
        *,
        coalesce(is_open and not is_upcoming and as_of_at > deadline_at, false) as is_overdue,
        case
            when deadline_at is not null
                then
                    coalesce(
                        is_done
                        and completed_at <= deadline_at
                        and coalesce(completed_at >= created_at, true),
                        false
                    )
        end as is_done_by_due
    from limited_work_orders

),

final as (

    select
        work_orders.organization_id,
        work_orders.work_order_id,
        work_orders.sequential_id,
        work_orders.asset_id,
        work_orders.location_id,
        work_orders.site_location_id,
        work_orders.creator_id as created_by_user_id,
        work_orders.requested_by_user_id,
        work_orders.completed_by_user_id,
        work_orders.previous_work_order_id,
        work_orders.next_work_order_id,
        work_orders.title,
        work_orders.description,
        work_orders.status as source_status,
        coalesce(work_orders.status_label, work_orders.status) as status,
        work_orders.priority as source_priority,
        coalesce(priorities.priority, 0) as priority,
        coalesce(work_orders.work_type, 'UNKNOWN') as work_type,
        assets.asset_name,
        work_orders.location_name,
        work_orders.location_path,
        work_orders.site_name,
        work_orders.time_zone,
        coalesce(assignees.assignee_names, '') as assignee_names,
        coalesce(categories.category_names, '') as category_names,
        requesters.full_name as requested_by_name,
        completers.full_name as completed_by_name,
        'https://app.getmaintainx.com/workorders/'
        || cast(work_orders.work_order_id as string) as work_order_url,
        case
            when work_orders.has_valid_completion
                then {{ hours_between('work_orders.created_at', 'work_orders.completed_at') }}
        end as duration_hours,
        case
            when
                work_orders.has_valid_completion
                and work_orders.completed_at >= work_orders.begun_at
                then {{ hours_between('work_orders.begun_at', 'work_orders.completed_at') }}
        end as cycle_hours,
        work_orders.estimated_time_seconds / 3600 as estimated_hours,
        coalesce(
            work_orders.estimated_time_seconds,
            estimates_by_type.estimated_time_seconds,
            estimates.estimated_time_seconds
        ) / 3600 as imputed_hours,
        cast(
            case work_orders.recurrence.type
                when 'DAILY' then 1
                when 'WEEKLY'
                    then
                        7.0 * coalesce(work_orders.recurrence.interval, 1)
                        / greatest(coalesce(array_length(work_orders.recurrence.days), 1), 1)
                when 'MONTHLY' then 30.4375 * coalesce(work_orders.recurrence.interval, 1)
                when 'YEARLY' then 365.25 * coalesce(work_orders.recurrence.interval, 1)
                when 'PERIODICALLY' then work_orders.recurrence.interval / 86400.0
            end
            as {{ type_double() }}
        ) as interval_days,
        case
            when work_orders.is_open
                then {{ dbt.datediff('work_orders.created_on', 'work_orders.as_of_on', 'day') }}
        end as age_days,
        case
            when work_orders.is_overdue
                then {{ dbt.datediff('work_orders.due_on', 'work_orders.as_of_on', 'day') }}
        end as overdue_days,
        coalesce(costs.logged_hours, 0) as logged_hours,
        coalesce(costs.labour_cost, 0) as labour_cost,
        coalesce(costs.parts_cost, 0) as parts_cost,
        coalesce(costs.other_cost, 0) as other_cost,
        coalesce(costs.total_cost, 0) as total_cost,
        work_orders.currency,
        coalesce(reopenings.reopened_count, 0) as reopened_count,
        work_orders.is_parent,
        not work_orders.is_parent
        and coalesce(work_orders.work_type, 'UNKNOWN') != 'CYCLE_COUNT' as is_counted,
        work_orders.is_done,
        work_orders.is_open,
        coalesce(work_orders.status = 'CANCELED', false) as is_canceled,
        coalesce(work_orders.status = 'SKIPPED', false) as is_skipped,
        coalesce(work_orders.status = 'ON_HOLD', false) as is_on_hold,
        work_orders.is_upcoming,
        work_orders.is_overdue,
        work_orders.is_done_by_due,
        coalesce(work_orders.is_due_full_day, false) as is_due_full_day,
        work_orders.has_valid_completion,
        coalesce(
            {{ hours_between('earlier_repairs.earlier_completed_at', 'work_orders.created_at') }}
            <= 24 * {{ var('repeat_failure_days') }},
            false
        ) as is_repeat_failure,
        work_orders.created_on,
        work_orders.started_on,
        work_orders.due_on,
        work_orders.completed_on,
        work_orders.created_at,
        work_orders.updated_at,
        work_orders.start_at,
        work_orders.due_at,
        work_orders.deadline_at,
        work_orders.completed_at,
        work_orders.extra_fields as custom_fields
    from judged_work_orders as work_orders
    left join costs
        on
            work_orders.organization_id = costs.organization_id
            and work_orders.work_order_id = costs.work_order_id
    left join estimates_by_type
        on
            work_orders.organization_id = estimates_by_type.organization_id
            and coalesce(work_orders.work_type, 'UNKNOWN') = estimates_by_type.work_type
    left join estimates
        on work_orders.organization_id = estimates.organization_id
    left join earlier_repairs
        on
            work_orders.organization_id = earlier_repairs.organization_id
            and work_orders.work_order_id = earlier_repairs.work_order_id
    left join reopenings
        on
            work_orders.organization_id = reopenings.organization_id
            and work_orders.work_order_id = reopenings.work_order_id
    left join priorities
        on work_orders.priority = priorities.source_priority
    left join assets
        on
            work_orders.organization_id = assets.organization_id
            and work_orders.asset_id = assets.asset_id
    left join users as requesters
        on
            work_orders.organization_id = requesters.organization_id
            and work_orders.requested_by_user_id = requesters.user_id
    left join users as completers
        on
            work_orders.organization_id = completers.organization_id
            and work_orders.completed_by_user_id = completers.user_id
    left join assignees
        on
            work_orders.organization_id = assignees.organization_id
            and work_orders.work_order_id = assignees.work_order_id
    left join categories
        on
            work_orders.organization_id = categories.organization_id
            and work_orders.work_order_id = categories.work_order_id

)

select * from final
