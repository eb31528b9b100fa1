with

work_orders as (

    select
        *,
        coalesce(site_location_id, 0) as site_key
    from {{ ref('fct_work_orders') }}
    where
        is_counted
        and not is_canceled

),

versions as (

    select * from {{ ref('int_work_orders__versions') }}

),

status_changes as (

    select * from {{ ref('fct_work_order_status_changes') }}

),

statuses as (

    select * from {{ ref('work_order_statuses') }}

),

locations as (

    select * from {{ ref('dim_locations') }}

),

named_sites as (

    select * from {{ ref('int_locations__sites') }}

),

organizations as (

    select * from {{ ref('dim_organizations') }}

),

dates as (

    select * from {{ ref('dim_dates') }}

),

as_of as (

    select {{ as_of() }} as as_of_at

),

histories as (

    select
        organization_id,
        min(extracted_at) as began_at
    from versions
    group by organization_id

),

{# The site and the plan that an order had in each version. #}
placed_versions as (

    select
        versions.organization_id,
        versions.work_order_id,
        versions.version_number,
        versions.start_at,
        versions.valid_from,
        versions.valid_to,
        work_orders.created_at,
        work_orders.completed_at,
        work_orders.has_valid_completion,
        coalesce(statuses.is_open, true) and not versions.is_deleted as is_open,
        coalesce(locations.site_location_id, 0) as site_key,
        coalesce(locations.time_zone, organizations.time_zone, 'UTC') as time_zone
    from versions
    inner join work_orders
        on
            versions.organization_id = work_orders.organization_id
            and versions.work_order_id = work_orders.work_order_id
    left join statuses
        on versions.status = statuses.source_status
    left join locations
        on
            versions.organization_id = locations.organization_id
            and versions.location_id = locations.location_id
    left join organizations
        on versions.organization_id = organizations.organization_id

),

planned_weeks as (

    select
        *,
        {{ week_start(local_date('start_at', 'time_zone')) }} as week_start_on
    from placed_versions
    where start_at is not null

),

{# The time of a status that was there when first seen is only known to lie after the creation. #}
begun as (

    select
        work_orders.organization_id,
        work_orders.work_order_id,
        work_orders.site_key,
        work_orders.time_zone,
        {{ week_start(local_date('changes.changed_at', 'work_orders.time_zone')) }}
            as week_start_on
    from status_changes as changes
    inner join work_orders
        on
            changes.organization_id = work_orders.organization_id
            and changes.work_order_id = work_orders.work_order_id
    where
        changes.to_source_status = 'IN_PROGRESS'
        and (
            changes.evidence = 'observed'
            or {{ week_start(local_date('changes.changed_at', 'work_orders.time_zone')) }}
            = {{ week_start('work_orders.created_on') }}
        )

    union distinct

    select
        organization_id,
        work_order_id,
        site_key,
        time_zone,
        {{ week_start('completed_on') }} as week_start_on
    from work_orders
    where has_valid_completion

),

zone_weeks as (

    select
        time_zone,
        week_start_on
    from planned_weeks

    union distinct

    select
        time_zone,
        week_start_on
    from begun

),

{# The bounds of a local week are computed once per time zone and week, not once per order. #}
bounds as (

    select
        *,
        {{ utc_timestamp_of_local_midnight('week_start_on', 'time_zone') }} as week_begins_at,
        {{ utc_timestamp_of_local_midnight(add_days('week_start_on', 7), 'time_zone') }}
            as week_ends_at
    from zone_weeks

),

planned_versions as (

    select
        planned_weeks.*,
        bounds.week_begins_at,
        bounds.week_ends_at
    from planned_weeks
    inner join bounds
        on
            planned_weeks.time_zone = bounds.time_zone
            and planned_weeks.week_start_on = bounds.week_start_on

),

scheduled as (

    select
        organization_id,
        work_order_id,
        site_key,
        week_start_on,
        has_valid_completion and completed_at >= week_begins_at and completed_at < week_ends_at
            as is_done
    from planned_versions
    where
        is_open
        and valid_from <= week_begins_at
        and coalesce(valid_to > week_begins_at, true)

),

worked as (

    select
        begun.*,
        bounds.week_begins_at
    from begun
    inner join bounds
        on
            begun.time_zone = bounds.time_zone
            and begun.week_start_on = bounds.week_start_on

),

{# Not in the outer join below: DuckDB compares every week with every version there. #}
seen as (

    select
        worked.organization_id,
        worked.work_order_id,
        worked.week_start_on,
        versions.start_at
    from worked
    inner join versions
        on
            worked.organization_id = versions.organization_id
            and worked.work_order_id = versions.work_order_id
    where
        worked.week_begins_at >= versions.valid_from
        and coalesce(worked.week_begins_at < versions.valid_to, true)

),

unscheduled as (

    select
        worked.organization_id,
        worked.work_order_id,
        worked.site_key,
        worked.week_start_on,
        max(case when seen.start_at < worked.week_begins_at then 1 else 0 end) = 1
            as is_carried_over,
        max(case when seen.work_order_id is not null then 1 else 0 end) = 1
        or min(work_orders.created_at) >= min(worked.week_begins_at) as is_known
    from worked
    inner join work_orders
        on
            worked.organization_id = work_orders.organization_id
            and worked.work_order_id = work_orders.work_order_id
    left join scheduled
        on
            worked.organization_id = scheduled.organization_id
            and worked.work_order_id = scheduled.work_order_id
            and worked.week_start_on = scheduled.week_start_on
    left join seen
        on
            worked.organization_id = seen.organization_id
            and worked.work_order_id = seen.work_order_id
            and worked.week_start_on = seen.week_start_on
    where scheduled.work_order_id is null
    group by
        worked.organization_id,
        worked.work_order_id,
        worked.site_key,
        worked.week_start_on

),

{# An order that was first seen during the week may have been in its schedule. #}
perhaps_scheduled as (

    select
        planned.organization_id,
        planned.work_order_id,
        planned.site_key,
        planned.week_start_on
    from planned_versions as planned
    left join unscheduled
        on
            planned.organization_id = unscheduled.organization_id
            and planned.work_order_id = unscheduled.work_order_id
            and planned.week_start_on = unscheduled.week_start_on
    where
        planned.version_number = 1
        and planned.created_at < planned.week_begins_at
        and planned.valid_from > planned.week_begins_at
        and unscheduled.work_order_id is null

),

counted as (

    select
        organization_id,
        site_key,
        week_start_on,
        1 as scheduled,
        case when is_done then 1 else 0 end as done,
        0 as break_in,
        0 as carried_over,
        0 as unknown
    from scheduled

    union all

    select
        organization_id,
        site_key,
        week_start_on,
        0 as scheduled,
        0 as done,
        case when is_known then 1 else 0 end as break_in,
        case when is_known and is_carried_over then 1 else 0 end as carried_over,
        case when is_known then 0 else 1 end as unknown
    from unscheduled

    union all

    select
        organization_id,
        site_key,
        week_start_on,
        0 as scheduled,
        0 as done,
        0 as break_in,
        0 as carried_over,
        1 as unknown
    from perhaps_scheduled

),

figures as (

    select
        organization_id,
        site_key,
        week_start_on,
        sum(scheduled) as scheduled_orders,
        sum(done) as done_orders,
        sum(break_in) as break_in_orders,
        sum(carried_over) as carried_over_orders,
        sum(unknown) as unknown_orders
    from counted
    group by organization_id, site_key, week_start_on

),

first_days as (

    select
        organization_id,
        min(created_on) as first_on
    from work_orders
    group by organization_id

),

sites as (

    select
        organization_id,
        site_key,
        min(time_zone) as time_zone
    from placed_versions
    group by organization_id, site_key

),

{# Every site has every week from the first order to the as-of day of the site. #}
weeks as (

    select distinct
        sites.organization_id,
        sites.site_key,
        sites.time_zone,
        dates.week_start_on
    from sites
    inner join first_days
        on sites.organization_id = first_days.organization_id
    inner join dates
        on first_days.first_on <= {{ add_days('dates.week_start_on', 6) }}
    where dates.week_start_on <= {{ local_today('sites.time_zone') }}

),

timed_weeks as (

    select
        *,
        {{ utc_timestamp_of_local_midnight('week_start_on', 'time_zone') }} as week_begins_at,
        {{ utc_timestamp_of_local_midnight(add_days('week_start_on', 7), 'time_zone') }}
            as week_ends_at
    from weeks

),

judged_weeks as (

    select
        weeks.*,
        coalesce(weeks.week_begins_at >= histories.began_at, false) as is_known,
        weeks.week_ends_at <= as_of.as_of_at as is_complete
    from timed_weeks as weeks
    cross join as_of
    left join histories
        on weeks.organization_id = histories.organization_id

),

known_figures as (

    select
        weeks.organization_id,
        weeks.week_start_on,
        weeks.site_key,
        {% for figure in ['scheduled', 'done', 'break_in', 'carried_over', 'unknown'] %}
            case
                when weeks.is_known then cast(coalesce(figures.{{ figure }}_orders, 0) as bigint)
            end as {{ figure }}_orders,
        {% endfor %}
        weeks.is_known,
        weeks.is_complete
    from judged_weeks as weeks
    left join figures
        on
            weeks.organization_id = figures.organization_id
            and weeks.site_key = figures.site_key
            and weeks.week_start_on = figures.week_start_on

),

final as (

    select
        weeks.organization_id,
        weeks.week_start_on,
        weeks.site_key as site_location_id,
        coalesce(named_sites.site_name, '') as site_name,
        coalesce(named_sites.site_label, '') as site_label,
        weeks.scheduled_orders,
        weeks.done_orders,
        1e0 * weeks.done_orders / nullif(weeks.scheduled_orders, 0) as compliance,
        weeks.break_in_orders,
        weeks.carried_over_orders,
        1e0 * weeks.break_in_orders / nullif(weeks.scheduled_orders + weeks.break_in_orders, 0)
            as break_in_share,
        weeks.unknown_orders,
        1e0 * (weeks.scheduled_orders + weeks.break_in_orders)
        / nullif(weeks.scheduled_orders + weeks.break_in_orders + weeks.unknown_orders, 0)
            as schedule_coverage,
        weeks.is_known,
        weeks.is_complete
    from known_figures as weeks
    left join named_sites
        on
            weeks.organization_id = named_sites.organization_id
            and weeks.site_key = named_sites.site_location_id

)

select * from final
