with

reasons as (

    select
        organization_id,
        coalesce(site_location_id, 0) as site_location_id,
        reason,
        sum(downtime_hours) as downtime_hours,
        sum(unplanned_hours) as unplanned_hours,
        sum(planned_hours) as planned_hours,
        sum(stops) as stops
    from marts.mart_downtime_reasons
    group by all

),

ranked_reasons as (

    select
        *,
        row_number() over (
            partition by organization_id, site_location_id
            order by downtime_hours desc, reason
        ) <= 20 as is_named
    from reasons

)

select
    organization_id,
    site_location_id,
    case when is_named then 'reason|' || reason else '|' end as reason,
    sum(downtime_hours) as downtime_hours,
    sum(unplanned_hours) as unplanned_hours,
    sum(planned_hours) as planned_hours,
    sum(stops) as stops
from ranked_reasons
group by all
