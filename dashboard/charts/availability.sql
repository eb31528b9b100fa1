with

months as (

    select * from marts.mart_asset_reliability_monthly
    where required_hours > 0

),

-- The page names the assets of each site that were down longest in the last 12 months.
named as (

    select
        months.organization_id,
        months.asset_id
    from months
    cross join period
    where months.month_start_on > date_trunc('month', period.last_on) - interval 12 month
    group by months.organization_id, coalesce(months.site_location_id, 0), months.asset_id
    having sum(months.down_hours) > 0
    qualify
        row_number() over (
            partition by months.organization_id, coalesce(months.site_location_id, 0)
            order by sum(months.down_hours) desc, months.asset_id
        ) <= 12

)

select
    months.organization_id,
    coalesce(months.site_location_id, 0) as site_location_id,
    months.month_start_on,
    case
        when named.asset_id is null then '|'
        else named.organization_id || '-' || named.asset_id || '|' || coalesce(months.asset_name, 'No name')
    end as asset,
    sum(months.required_hours) as required_hours,
    sum(months.down_hours) as down_hours,
    sum(months.planned_hours) as planned_hours,
    sum(months.unplanned_hours) as unplanned_hours,
    sum(months.failures) as failures,
    sum(months.closed_failures) as closed_failures,
    sum(months.closed_failure_hours) as closed_failure_hours
from months
left join named using (organization_id, asset_id)
group by all
