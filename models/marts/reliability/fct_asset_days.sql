with

statuses as (

    select * from {{ ref('int_asset_statuses__cleaned') }}

),

intervals as (

    select * from {{ ref('fct_asset_status_intervals') }}

),

assets as (

    select * from {{ ref('dim_assets') }}

),

organizations as (

    select * from {{ ref('dim_organizations') }}

),

calendars as (

    select * from {{ ref('asset_calendars') }}

),

spans as (

    select
        organization_id,
        asset_id,
        min(started_at) as first_at,
        max(last_at) as last_at
    from statuses
    group by organization_id, asset_id

),

zoned_spans as (

    select
        spans.organization_id,
        spans.asset_id,
        spans.first_at,
        spans.last_at,
        coalesce(assets.time_zone, organizations.time_zone, 'UTC') as time_zone
    from spans
    left join assets
        on
            spans.organization_id = assets.organization_id
            and spans.asset_id = assets.asset_id
    left join organizations
        on spans.organization_id = organizations.organization_id

),

dated_spans as (

    select
        *,
        {{ local_date('first_at', 'time_zone') }} as first_on,
        {{ local_date('last_at', 'time_zone') }} as last_on
    from zoned_spans

),

zones as (

    select
        time_zone,
        min(first_on) as first_on,
        max(last_on) as last_on
    from dated_spans
    group by time_zone

),

listed_zone_days as (

    select
        zones.time_zone,
        cast(day_at as date) as day_on
    from zones
    cross join {{ date_series('zones.first_on', 'zones.last_on', 'day_at') }}

),

{# The bounds of a local day are computed once per time zone and day, not once per asset. #}
zone_days as (

    select
        time_zone,
        day_on,
        {{ utc_timestamp_of_local_midnight('day_on', 'time_zone') }} as starts_at,
        {{ utc_timestamp_of_local_midnight(add_days('day_on', 1), 'time_zone') }} as ends_at
    from listed_zone_days

),

asset_days as (

    select
        dated_spans.organization_id,
        dated_spans.asset_id,
        dated_spans.time_zone,
        dated_spans.last_at,
        cast(day_at as date) as day_on
    from dated_spans
    cross join {{ date_series('dated_spans.first_on', 'dated_spans.last_on', 'day_at') }}

),

zoned_intervals as (

    select
        intervals.organization_id,
        intervals.asset_id,
        intervals.downtime_class,
        intervals.is_failure_start,
        intervals.started_at,
        intervals.ended_at,
        zoned_spans.time_zone,
        {{ local_date('intervals.started_at', 'zoned_spans.time_zone') }} as first_on,
        {{ local_date('intervals.ended_at', 'zoned_spans.time_zone') }} as last_on
    from intervals
    inner join zoned_spans
        on
            intervals.organization_id = zoned_spans.organization_id
            and intervals.asset_id = zoned_spans.asset_id

),

interval_days as (

    select
        zoned_intervals.*,
        cast(day_at as date) as day_on
    from zoned_intervals
    cross join {{ date_series('zoned_intervals.first_on', 'zoned_intervals.last_on', 'day_at') }}

),

interval_parts as (

    select
        interval_days.organization_id,
        interval_days.asset_id,
        interval_days.day_on,
        interval_days.downtime_class,
        interval_days.is_failure_start
        and interval_days.day_on = interval_days.first_on as is_failure,
        {{
            dbt.datediff(
                'greatest(interval_days.started_at, zone_days.starts_at)',
                'least(interval_days.ended_at, zone_days.ends_at)',
                'millisecond'
            )
        }} as milliseconds
    from interval_days
    inner join zone_days
        on
            interval_days.time_zone = zone_days.time_zone
            and interval_days.day_on = zone_days.day_on

),

stops as (

    select
        organization_id,
        asset_id,
        day_on,
        {% for class in ['planned', 'unplanned', 'unclassified', 'ignored'] %}
            sum(case when downtime_class = '{{ class }}' then milliseconds else 0 end)
                as {{ class }}_milliseconds,
        {% endfor %}
        sum(milliseconds) as milliseconds,
        sum(case when is_failure then 1 else 0 end) as failures
    from interval_parts
    group by organization_id, asset_id, day_on

),

{# On a day with fewer required hours, every hour counts with the same share. #}
measured_days as (

    select
        asset_days.organization_id,
        asset_days.asset_id,
        asset_days.day_on,
        coalesce(calendars.required_hours, 24) as calendar_hours,
        {{
            dbt.datediff(
                'zone_days.starts_at',
                'least(zone_days.ends_at, asset_days.last_at)',
                'millisecond'
            )
        }} as required_milliseconds,
        {% for class in ['planned', 'unplanned', 'unclassified', 'ignored'] %}
            coalesce(stops.{{ class }}_milliseconds, 0) as {{ class }}_milliseconds,
        {% endfor %}
        coalesce(stops.milliseconds, 0) as stopped_milliseconds,
        coalesce(stops.failures, 0) as failures
    from asset_days
    inner join zone_days
        on
            asset_days.time_zone = zone_days.time_zone
            and asset_days.day_on = zone_days.day_on
    left join stops
        on
            asset_days.organization_id = stops.organization_id
            and asset_days.asset_id = stops.asset_id
            and asset_days.day_on = stops.day_on
    left join calendars
        on
            asset_days.organization_id = calendars.organization_id
            and asset_days.asset_id = calendars.asset_id
            and {{ iso_day_of_week('asset_days.day_on') }} = calendars.day_of_week

),

final as (

    select
        organization_id,
        asset_id,
        day_on,
        required_milliseconds * calendar_hours / 86400000.0 as required_hours,
        planned_milliseconds * calendar_hours / 86400000.0 as planned_hours,
        unplanned_milliseconds * calendar_hours / 86400000.0 as unplanned_hours,
        unclassified_milliseconds * calendar_hours / 86400000.0 as unclassified_hours,
        (planned_milliseconds + unplanned_milliseconds + unclassified_milliseconds)
        * calendar_hours / 86400000.0 as down_hours,
        ignored_milliseconds * calendar_hours / 86400000.0 as ignored_hours,
        (required_milliseconds - stopped_milliseconds) * calendar_hours / 86400000.0 as up_hours,
        cast(failures as bigint) as failures
    from measured_days

)

select * from final
