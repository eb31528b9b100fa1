with

ranked_assets as (

    select
        *,
        coalesce(site_location_id, 0) as site_id,
        row_number() over (
            partition by organization_id, site_location_id
            order by downtime_hours desc, maintenance_cost desc, asset_id
        ) <= 25 as is_named
    from marts.mart_bad_actors

)

select
    organization_id,
    site_id as site_location_id,
    case
        when is_named
            then
                organization_id || '-' || asset_id || '|' || coalesce(asset_name, 'No name')
                || coalesce(' · ' || nullif(site_name, ''), '')
        else '|'
    end as asset,
    currency,
    sum(downtime_hours) as downtime_hours,
    sum(unplanned_hours) as unplanned_hours,
    sum(failures) as failures,
    sum(reactive_orders) as reactive_orders,
    sum(maintenance_cost) as maintenance_cost
from ranked_assets
group by all
