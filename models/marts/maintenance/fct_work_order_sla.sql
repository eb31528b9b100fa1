with

work_orders as (

    select
        *,
        coalesce(site_location_id, 0) as site_key
    from {{ ref('fct_work_orders') }}
    where
        is_counted
        and created_at is not null

),

status_changes as (

    select * from {{ ref('fct_work_order_status_changes') }}

),

versions as (

    select * from {{ ref('int_work_orders__versions') }}

),

first_versions as (

    select
        organization_id,
        work_order_id,
        priority,
        valid_from
    from versions
    where version_number = 1

),

histories as (

    select
        organization_id,
        min(extracted_at) as began_at
    from versions
    group by organization_id

),

targets as (

    select * from {{ ref('sla_targets') }}

),

business_hours as (

    select * from {{ ref('business_hours') }}
    where {{ minutes_of_day('closes_at') }} > {{ minutes_of_day('opens_at') }}

),

holidays as (

    select * from {{ ref('holidays') }}

),

dates as (

    select * from {{ ref('dim_dates') }}

),

as_of as (

    select {{ as_of() }} as as_of_at

),

{# An order that was done when first seen may have been started before that. #}
responses as (

    select
        organization_id,
        work_order_id,
        min(case when to_source_status = 'IN_PROGRESS' then changed_at end) as responded_at,
        count(case when change_number = 1 and evidence = 'reconstructed' then 1 end) = 1
        and count(case when change_number = 2 and evidence != 'observed' then 1 end) = 0
            as is_observed_from_start
    from status_changes
    group by organization_id, work_order_id

),

prioritized_work_orders as (

    select
        work_orders.*,
        first_versions.priority as priority_at_start,
        coalesce(first_versions.priority, 'NONE') as source_priority_at_start,
        first_versions.valid_from as first_version_from
    from work_orders
    left join first_versions
        on
            work_orders.organization_id = first_versions.organization_id
            and work_orders.work_order_id = first_versions.work_order_id

),

kinds as (

    select distinct
        work_type,
        source_priority_at_start
    from prioritized_work_orders

),

{# The most specific target counts: for type and priority, then the type, then the priority.
   BigQuery refuses an outer join whose condition has columns of both tables on one side. #}
targets_by_kind as (

    select
        kinds.work_type,
        kinds.source_priority_at_start,
        targets.response_hours,
        targets.resolution_hours,
        targets.in_business_hours,
        targets.pauses_on_hold
    from kinds
    cross join targets
    where
        coalesce(targets.work_type, kinds.work_type) = kinds.work_type
        and coalesce(targets.source_priority, kinds.source_priority_at_start)
        = kinds.source_priority_at_start
    qualify
        row_number() over (
            partition by kinds.work_type, kinds.source_priority_at_start
            order by
                case when targets.work_type is null then 1 else 0 end,
                case when targets.source_priority is null then 1 else 0 end
        ) = 1

),

targeted_work_orders as (

    select
        work_orders.*,
        targets_by_kind.response_hours as response_target_hours,
        targets_by_kind.resolution_hours as resolution_target_hours,
        coalesce(targets_by_kind.in_business_hours, false) as in_business_hours,
        coalesce(targets_by_kind.pauses_on_hold, false) as pauses_on_hold,
        coalesce(responses.is_observed_from_start, false) as is_observed_from_start,
        coalesce(
            responses.is_observed_from_start
            and (
                work_orders.created_at >= histories.began_at
                or work_orders.created_at >= work_orders.first_version_from
            ),
            false
        ) as is_hold_known,
        case when responses.is_observed_from_start then responses.responded_at end as responded_at,
        case
            when work_orders.has_valid_completion then work_orders.completed_at
            when work_orders.is_open then as_of.as_of_at
        end as clock_stopped_at
    from prioritized_work_orders as work_orders
    cross join as_of
    left join histories
        on work_orders.organization_id = histories.organization_id
    left join responses
        on
            work_orders.organization_id = responses.organization_id
            and work_orders.work_order_id = responses.work_order_id
    left join targets_by_kind
        on
            work_orders.work_type = targets_by_kind.work_type
            and work_orders.source_priority_at_start = targets_by_kind.source_priority_at_start

),

statuses as (

    select
        organization_id,
        work_order_id,
        to_source_status,
        changed_at,
        lead(changed_at) over (
            partition by organization_id, work_order_id
            order by change_number
        ) as left_at
    from status_changes

),

holds as (

    select
        work_orders.organization_id,
        work_orders.work_order_id,
        work_orders.site_key,
        work_orders.time_zone,
        statuses.changed_at as held_at,
        least(
            coalesce(statuses.left_at, work_orders.clock_stopped_at), work_orders.clock_stopped_at
        ) as released_at
    from targeted_work_orders as work_orders
    inner join statuses
        on
            work_orders.organization_id = statuses.organization_id
            and work_orders.work_order_id = statuses.work_order_id
    where
        statuses.to_source_status = 'ON_HOLD'
        and work_orders.is_hold_known
        and statuses.changed_at < work_orders.clock_stopped_at

),

held_hours as (

    select
        organization_id,
        work_order_id,
        {{ sum_hours(hours_between('held_at', 'released_at')) }} as hold_hours
    from holds
    group by organization_id, work_order_id

),

sites as (

    select distinct
        organization_id,
        site_key,
        time_zone
    from work_orders

),

sites_with_hours as (

    select distinct
        organization_id,
        site_location_id as site_key
    from business_hours

),

{# A site without hours of its own takes those of its organization, under location id 0. #}
site_hours as (

    select
        sites.organization_id,
        sites.site_key,
        sites.time_zone,
        business_hours.day_of_week,
        business_hours.opens_at,
        business_hours.closes_at
    from sites
    left join sites_with_hours
        on
            sites.organization_id = sites_with_hours.organization_id
            and sites.site_key = sites_with_hours.site_key
    inner join business_hours
        on
            sites.organization_id = business_hours.organization_id
            and coalesce(sites_with_hours.site_key, 0) = business_hours.site_location_id

),

shifts as (

    select
        site_hours.organization_id,
        site_hours.site_key,
        dates.date_day,
        {{ utc_timestamp_of_local(
            'dates.date_day', minutes_of_day('site_hours.opens_at'), 'site_hours.time_zone'
        ) }} as opens_at,
        {{ utc_timestamp_of_local(
            'dates.date_day', minutes_of_day('site_hours.closes_at'), 'site_hours.time_zone'
        ) }} as closes_at
    from site_hours
    inner join dates
        on site_hours.day_of_week = dates.day_of_week
    left join holidays as site_holidays
        on
            site_hours.organization_id = site_holidays.organization_id
            and site_hours.site_key = site_holidays.site_location_id
            and dates.date_day = site_holidays.holiday_on
    left join holidays as general_holidays
        on
            site_hours.organization_id = general_holidays.organization_id
            and general_holidays.site_location_id = 0
            and dates.date_day = general_holidays.holiday_on
    where
        site_holidays.holiday_on is null
        and general_holidays.holiday_on is null

),

open_days as (

    select
        organization_id,
        site_key,
        date_day,
        sum({{ hours_between('opens_at', 'closes_at') }}) as open_hours
    from shifts
    group by organization_id, site_key, date_day

),

calendar_sites as (

    select distinct
        organization_id,
        site_key
    from site_hours

),

{# Open hours of a site from the start of the calendar to the start of each day. #}
site_days as (

    select
        calendar_sites.organization_id,
        calendar_sites.site_key,
        dates.date_day,
        sum(coalesce(open_days.open_hours, 0)) over (
            partition by calendar_sites.organization_id, calendar_sites.site_key
            order by dates.date_day
        ) - coalesce(open_days.open_hours, 0) as hours_before
    from calendar_sites
    cross join dates
    left join open_days
        on
            calendar_sites.organization_id = open_days.organization_id
            and calendar_sites.site_key = open_days.site_key
            and dates.date_day = open_days.date_day

),

moments as (

    {% for column, relation in [
        ('created_at', 'targeted_work_orders'),
        ('responded_at', 'targeted_work_orders'),
        ('clock_stopped_at', 'targeted_work_orders'),
        ('held_at', 'holds'),
        ('released_at', 'holds'),
    ] %}
        select
            organization_id,
            work_order_id,
            site_key,
            '{{ column }}' as moment,
            {{ column }} as moment_at,
            {{ local_date(column, 'time_zone') }} as moment_on
        from {{ relation }}
        where {{ column }} is not null
        {{ 'union all' if not loop.last }}
    {% endfor %}

),

moments_on_the_clock as (

    select
        moments.organization_id,
        moments.work_order_id,
        moments.moment,
        moments.moment_at,
        site_days.hours_before
        + sum(
            case
                when moments.moment_at > shifts.opens_at
                    then
                        {{ hours_between(
                            'shifts.opens_at', 'least(moments.moment_at, shifts.closes_at)'
                        ) }}
                else 0
            end
        ) as hours_since_the_calendar_began
    from moments
    inner join site_days
        on
            moments.organization_id = site_days.organization_id
            and moments.site_key = site_days.site_key
            and moments.moment_on = site_days.date_day
    left join shifts
        on
            moments.organization_id = shifts.organization_id
            and moments.site_key = shifts.site_key
            and moments.moment_on = shifts.date_day
    group by
        moments.organization_id,
        moments.work_order_id,
        moments.moment,
        moments.moment_at,
        site_days.hours_before

),

clocks as (

    select
        organization_id,
        work_order_id,
        max(case when moment = 'created_at' then hours_since_the_calendar_began end)
            as created_hours,
        max(case when moment = 'responded_at' then hours_since_the_calendar_began end)
            as responded_hours,
        max(case when moment = 'clock_stopped_at' then hours_since_the_calendar_began end)
            as stopped_hours,
        {{ sum_hours(
            "case moment
                when 'released_at' then hours_since_the_calendar_began
                when 'held_at' then -hours_since_the_calendar_began
            end"
        ) }} as hold_hours
    from moments_on_the_clock
    group by organization_id, work_order_id

),

timed as (

    select
        work_orders.*,
        {{ hours_between('work_orders.created_at', 'work_orders.responded_at') }}
            as response_hours,
        {{ hours_between('work_orders.created_at', 'work_orders.clock_stopped_at') }}
            as elapsed_hours,
        calendar_sites.site_key is not null as has_business_hours,
        clocks.responded_hours - clocks.created_hours as response_open_hours,
        clocks.stopped_hours - clocks.created_hours as elapsed_open_hours,
        case
            when work_orders.is_hold_known and work_orders.clock_stopped_at is not null
                then coalesce(held_hours.hold_hours, 0)
        end as hold_hours,
        case
            when work_orders.is_hold_known and work_orders.clock_stopped_at is not null
                then clocks.hold_hours
        end as hold_open_hours
    from targeted_work_orders as work_orders
    left join calendar_sites
        on
            work_orders.organization_id = calendar_sites.organization_id
            and work_orders.site_key = calendar_sites.site_key
    left join clocks
        on
            work_orders.organization_id = clocks.organization_id
            and work_orders.work_order_id = clocks.work_order_id
    left join held_hours
        on
            work_orders.organization_id = held_hours.organization_id
            and work_orders.work_order_id = held_hours.work_order_id

),

measured as (

    select
        *,
        case when has_business_hours then response_open_hours else response_hours end
            as response_business_hours,
        case when has_business_hours then elapsed_open_hours else elapsed_hours end
            as elapsed_business_hours,
        case when has_business_hours then hold_open_hours else hold_hours end
            as hold_business_hours
    from timed

),

counted as (

    select
        *,
        case when in_business_hours then response_business_hours else response_hours end
            as target_response_hours,
        case when in_business_hours then elapsed_business_hours else elapsed_hours end
            as target_elapsed_hours,
        case when in_business_hours then hold_business_hours else hold_hours end
            as target_hold_hours
    from measured

),

judged as (

    select
        *,
        case
            when pauses_on_hold then target_elapsed_hours - target_hold_hours
            else target_elapsed_hours
        end as target_resolution_hours
    from counted

),

final as (

    select
        organization_id,
        work_order_id,
        site_key as site_location_id,
        work_type,
        priority_at_start,
        response_target_hours,
        resolution_target_hours,
        response_hours,
        response_business_hours,
        case when is_done then elapsed_hours end as resolution_hours,
        case when is_done then elapsed_business_hours end as resolution_business_hours,
        hold_hours,
        hold_business_hours,
        case when is_done then elapsed_hours - hold_hours end as resolution_hours_without_hold,
        case when is_done then elapsed_business_hours - hold_business_hours end
            as resolution_business_hours_without_hold,
        case when is_open then resolution_target_hours - target_resolution_hours end as hours_left,
        in_business_hours,
        pauses_on_hold,
        has_business_hours,
        is_observed_from_start,
        is_hold_known,
        case
            when responded_at is not null then target_response_hours > response_target_hours
            when is_observed_from_start and is_open
                then target_elapsed_hours > response_target_hours
        end as is_response_breached,
        case
            {# Time on hold only shortens what is within the target already. #}
            when target_elapsed_hours <= resolution_target_hours then false
            else target_resolution_hours > resolution_target_hours
        end as is_resolution_breached,
        created_at,
        responded_at,
        case when has_valid_completion then completed_at end as completed_at
    from judged

)

select * from final
