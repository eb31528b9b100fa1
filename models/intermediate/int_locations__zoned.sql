with

paths as (

    select * from {{ ref('int_locations__paths') }}

),

organizations as (

    select * from {{ ref('int_organizations__zoned') }}

),

site_time_zones as (

    select * from {{ ref('site_time_zones') }}
    where {{ is_time_zone('time_zone') }}

),

final as (

    select
        paths.organization_id,
        paths.location_id,
        coalesce(site_time_zones.time_zone, organizations.time_zone, 'UTC') as time_zone
    from paths
    left join organizations
        on paths.organization_id = organizations.organization_id
    left join site_time_zones
        on
            paths.organization_id = site_time_zones.organization_id
            and paths.site_location_id = site_time_zones.site_location_id

)

select * from final
