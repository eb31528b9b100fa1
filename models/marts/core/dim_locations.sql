with

locations as (

    select * from {{ ref('stg_maintainx__locations') }}

),

paths as (

    select * from {{ ref('int_locations__paths') }}

),

organizations as (

    select * from {{ ref('dim_organizations') }}

),

site_time_zones as (

    select * from {{ ref('site_time_zones') }}
    where {{ is_time_zone('time_zone') }}

),

final as (

    select
        locations.organization_id,
        locations.location_id,
        locations.parent_location_id,
        paths.site_location_id,
        locations.name as location_name,
        paths.location_path,
        paths.site_name,
        coalesce(site_time_zones.time_zone, organizations.time_zone, 'UTC') as time_zone,
        locations.description,
        locations.address,
        locations.barcode,
        paths.depth,
        paths.has_unknown_parent,
        paths.is_in_cycle,
        locations.is_deleted,
        locations.created_at,
        locations.updated_at,
        locations.team_ids,
        locations.vendor_ids,
        locations.extra_fields as custom_fields
    from locations
    inner join paths
        on
            locations.organization_id = paths.organization_id
            and locations.location_id = paths.location_id
    left join organizations
        on locations.organization_id = organizations.organization_id
    left join site_time_zones
        on
            paths.organization_id = site_time_zones.organization_id
            and paths.site_location_id = site_time_zones.site_location_id

)

select * from final
