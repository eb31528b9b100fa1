with

logged as (

    select
        organization_id,
        {{ sum_hours('logged_hours') }} as logged_hours
    from {{ ref('fct_work_orders') }}
    where
        is_done
        and completed_at <= {{ as_of() }}
        and work_type != 'CYCLE_COUNT'
    group by organization_id

),

weeks as (

    select
        organization_id,
        {{ sum_hours("case when crew_type = 'SITE' then logged_hours end") }} as site_hours,
        {{ sum_hours("case when crew_type = 'USER' then logged_hours end") }} as user_hours
    from {{ ref('mart_labour_utilization_weekly') }}
    group by organization_id

)

select
    logged.organization_id,
    logged.logged_hours,
    weeks.site_hours,
    weeks.user_hours
from logged
left join weeks
    on logged.organization_id = weeks.organization_id
where
    logged.logged_hours > 0.01
    and coalesce(
        abs(logged.logged_hours - weeks.site_hours) > 0.01
        or weeks.user_hours > weeks.site_hours + 0.01,
        true
    )
