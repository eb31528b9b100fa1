with

ancestors as (

    select
        organization_id,
        location_id,
        count(*) as ancestors,
        max(distance) as furthest_distance
    from {{ ref('bridge_location_ancestors') }}
    group by organization_id, location_id

),

roots as (

    select
        bridge.organization_id,
        bridge.location_id,
        bridge.ancestor_location_id
    from {{ ref('bridge_location_ancestors') }} as bridge
    inner join ancestors
        on
            bridge.organization_id = ancestors.organization_id
            and bridge.location_id = ancestors.location_id
            and bridge.distance = ancestors.furthest_distance

)

select
    locations.organization_id,
    locations.location_id,
    locations.location_path,
    locations.depth,
    ancestors.ancestors,
    roots.ancestor_location_id as last_ancestor_location_id
from {{ ref('dim_locations') }} as locations
left join ancestors
    on
        locations.organization_id = ancestors.organization_id
        and locations.location_id = ancestors.location_id
left join roots
    on
        locations.organization_id = roots.organization_id
        and locations.location_id = roots.location_id
where
    ancestors.ancestors is distinct from locations.depth
    or ancestors.furthest_distance is distinct from locations.depth - 1
    or roots.ancestor_location_id is distinct from locations.site_location_id
