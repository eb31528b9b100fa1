select
    locations.organization_id,
    locations.location_id,
    locations.location_path,
    parents.location_path as parent_path
from {{ ref('dim_locations') }} as locations
inner join {{ ref('dim_locations') }} as parents
    on
        locations.organization_id = parents.organization_id
        and locations.parent_location_id = parents.location_id
where
    not locations.is_in_cycle
    and (
        not starts_with(locations.location_path, parents.location_path || ' > ')
        or locations.site_location_id != parents.site_location_id
        or locations.depth != parents.depth + 1
    )
