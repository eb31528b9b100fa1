{# On a day with a calendar, only a share of the hours counts. #}
with

assets_with_calendar as (

    select distinct
        organization_id,
        asset_id
    from {{ ref('asset_calendars') }}

),

figures as (

    select
        organization_id,
        asset_id,
        1 as days,
        day_on,
        down_hours,
        ignored_hours,
        failures
    from {{ ref('fct_asset_days') }}

    union all

    select
        organization_id,
        asset_id,
        0 as days,
        null as day_on,
        case when downtime_class != 'ignored' then -hours else 0 end as down_hours,
        case when downtime_class = 'ignored' then -hours else 0 end as ignored_hours,
        0 as failures
    from {{ ref('fct_asset_status_intervals') }}

    union all

    select
        organization_id,
        asset_id,
        0 as days,
        null as day_on,
        0 as down_hours,
        0 as ignored_hours,
        -1 as failures
    from {{ ref('fct_failures') }}

),

differences as (

    select
        organization_id,
        asset_id,
        sum(days) as days,
        min(day_on) as first_on,
        max(day_on) as last_on,
        sum(down_hours) as down_hours_too_many,
        sum(ignored_hours) as ignored_hours_too_many,
        sum(failures) as failures_too_many
    from figures
    group by organization_id, asset_id

)

select differences.*
from differences
left join assets_with_calendar
    on
        differences.organization_id = assets_with_calendar.organization_id
        and differences.asset_id = assets_with_calendar.asset_id
where
    differences.first_on is null
    or differences.last_on != {{ add_days('differences.first_on', 'differences.days - 1') }}
    or differences.failures_too_many != 0
    or (
        assets_with_calendar.asset_id is null
        and (
            abs(differences.down_hours_too_many) > 0.0001
            or abs(differences.ignored_hours_too_many) > 0.0001
        )
    )
