with

locations as (

    select * from {{ ref('stg_maintainx__locations') }}

),

paths as (

    select * from {{ ref('int_locations__paths') }}

),

zoned as (

    select * from {{ ref('int_locations__zoned') }}

),

sites as (

    select * from {{ ref('int_locations__sites') }}

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
        sites.site_label,
        zoned.time_zone,
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
    inner join zoned
        on
            locations.organization_id = zoned.organization_id
            and locations.location_id = zoned.location_id
    inner join sites
        on
            paths.organization_id = sites.organization_id
            and paths.site_location_id = sites.site_location_id

)

select * from final
