select
    parts.organization_id,
    coalesce(locations.site_location_id, 0) as site_location_id,
    parts.currency,
    count(*) as stock_places,
    count(parts.minimum_quantity) as places_with_minimum,
    count(*) filter (parts.is_below_minimum) as below_minimum,
    count(*) filter (parts.is_out_of_stock) as out_of_stock,
    sum(parts.stock_value) as stock_value
from marts.mart_parts_health as parts
left join marts.dim_locations as locations using (organization_id, location_id)
group by all
