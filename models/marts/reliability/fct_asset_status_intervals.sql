{# At any moment the first class in this list that applies counts. #}
{% set downtime_classes = ['ignored', 'unplanned', 'planned', 'unclassified'] -%}

with

statuses as (

    select * from {{ ref('int_asset_statuses__cleaned') }}
    where downtime_class != 'up'

),

{# An interval that lasts to the end has only a start. #}
starts_and_ends as (

    select
        organization_id,
        asset_id,
        downtime_class,
        is_asset_deleted,
        started_at as happened_at,
        last_at,
        1 as change
    from statuses

    union all

    select
        organization_id,
        asset_id,
        downtime_class,
        is_asset_deleted,
        ended_at as happened_at,
        last_at,
        -1 as change
    from statuses
    where ended_at is not null

),

moments as (

    select
        organization_id,
        asset_id,
        is_asset_deleted,
        happened_at,
        {% for class in downtime_classes %}
            sum(case when downtime_class = '{{ class }}' then change else 0 end)
                as {{ class }}_changes,
            sum(case when downtime_class = '{{ class }}' and change > 0 then 1 else 0 end)
                as {{ class }}_starts,
        {% endfor %}
        last_at
    from starts_and_ends
    group by organization_id, asset_id, is_asset_deleted, happened_at, last_at

),

counted_moments as (

    select
        *,
        {% for class in downtime_classes %}
            sum({{ class }}_changes) over (
                partition by organization_id, asset_id
                order by happened_at
            ) as {{ class }}_statuses,
        {% endfor %}
        lead(happened_at) over (
            partition by organization_id, asset_id
            order by happened_at
        ) as next_happened_at
    from moments

),

classed_moments as (

    select
        organization_id,
        asset_id,
        is_asset_deleted,
        happened_at,
        coalesce(next_happened_at, last_at) as ended_at,
        next_happened_at is null as is_last,
        unplanned_statuses,
        case
            {% for class in downtime_classes %}
                when {{ class }}_statuses > 0 then '{{ class }}'
            {% endfor %}
        end as downtime_class,
        case
            {% for class in downtime_classes %}
                when {{ class }}_statuses > 0 then {{ class }}_statuses
            {% endfor %}
        end as statuses,
        case
            {% for class in downtime_classes %}
                when {{ class }}_statuses > 0 then {{ class }}_starts
            {% endfor %}
        end as starts
    from counted_moments

),

followed_moments as (

    select
        *,
        lag(downtime_class) over (
            partition by organization_id, asset_id
            order by happened_at
        ) as former_downtime_class,
        lag(unplanned_statuses, 1, 0) over (
            partition by organization_id, asset_id
            order by happened_at
        ) as former_unplanned_statuses
    from classed_moments

),

numbered_moments as (

    select
        *,
        coalesce(downtime_class != former_downtime_class, true) as is_new_interval,
        sum(case when downtime_class = former_downtime_class then 0 else 1 end) over (
            partition by organization_id, asset_id
            order by happened_at
        ) as interval_number,
        sum(
            case when unplanned_statuses > 0 and former_unplanned_statuses = 0 then 1 else 0 end
        ) over (
            partition by organization_id, asset_id
            order by happened_at
        ) as stop_number
    from followed_moments
    where happened_at < ended_at

),

intervals as (

    select
        organization_id,
        asset_id,
        downtime_class,
        case when downtime_class = 'unplanned' then min(stop_number) end as failure_number,
        sum(case when is_new_interval then statuses else starts end) as status_count,
        max(case when is_last and not is_asset_deleted then 1 else 0 end) = 1 as is_open,
        min(happened_at) as started_at,
        max(ended_at) as ended_at
    from numbered_moments
    where downtime_class is not null
    group by organization_id, asset_id, interval_number, downtime_class

),

{# An asset can have many thousands of both, so that a join of all its pairs would take minutes. #}
interval_days as (

    select
        intervals.*,
        cast(day_at as date) as day_on
    from intervals
    cross join
        {{
            date_series(
                'cast(intervals.started_at as date)',
                'cast(intervals.ended_at as date)',
                'day_at'
            )
        }}

),

status_days as (

    select
        statuses.*,
        cast(day_at as date) as day_on
    from statuses
    cross join
        {{
            date_series(
                'cast(statuses.started_at as date)',
                'cast(coalesce(statuses.ended_at, statuses.last_at) as date)',
                'day_at'
            )
        }}
    where statuses.reason is not null

),

{# The earliest of its statuses that states a reason gives the reason of an interval. #}
reasons as (

    select
        intervals.organization_id,
        intervals.asset_id,
        intervals.started_at,
        statuses.asset_status_id,
        statuses.custom_status,
        statuses.description,
        statuses.reason
    from interval_days as intervals
    inner join status_days as statuses
        on
            intervals.organization_id = statuses.organization_id
            and intervals.asset_id = statuses.asset_id
            and intervals.downtime_class = statuses.downtime_class
            and intervals.day_on = statuses.day_on
            and intervals.ended_at > statuses.started_at
            and intervals.started_at < coalesce(statuses.ended_at, statuses.last_at)
    qualify
        row_number() over (
            partition by intervals.organization_id, intervals.asset_id, intervals.started_at
            order by statuses.started_at, statuses.asset_status_id
        ) = 1

),

final as (

    select
        intervals.organization_id,
        intervals.asset_id,
        reasons.asset_status_id as reason_asset_status_id,
        intervals.downtime_class,
        reasons.reason,
        reasons.custom_status,
        reasons.description,
        cast(intervals.failure_number as bigint) as failure_number,
        cast(intervals.status_count as bigint) as status_count,
        {{ hours_between('intervals.started_at', 'intervals.ended_at') }} as hours,
        intervals.failure_number is not null
        and row_number() over (
            partition by
                intervals.organization_id,
                intervals.asset_id,
                intervals.failure_number
            order by intervals.started_at
        ) = 1 as is_failure_start,
        intervals.is_open,
        intervals.started_at,
        intervals.ended_at
    from intervals
    left join reasons
        on
            intervals.organization_id = reasons.organization_id
            and intervals.asset_id = reasons.asset_id
            and intervals.started_at = reasons.started_at

)

select * from final
