with

locations as (

    select * from {{ ref('dim_locations') }}

),

ancestors as (

    select * from {{ ref('bridge_location_ancestors') }}

),

own_orders as (

    select
        organization_id,
        location_id,
        count(*) as orders
    from {{ ref('fct_work_orders') }}
    group by organization_id, location_id

),

rollups as (

    select
        ancestors.organization_id,
        ancestors.ancestor_location_id as location_id,
        sum(own_orders.orders) as orders
    from ancestors
    inner join own_orders
        on
            ancestors.organization_id = own_orders.organization_id
            and ancestors.location_id = own_orders.location_id
    group by ancestors.organization_id, ancestors.ancestor_location_id

),

part_rollups as (

    select
        parts.organization_id,
        parts.parent_location_id as location_id,
        sum(rollups.orders) as orders
    from locations as parts
    inner join rollups
        on
            parts.organization_id = rollups.organization_id
            and parts.location_id = rollups.location_id
    group by parts.organization_id, parts.parent_location_id

)

select
    locations.organization_id,
    locations.location_id,
    locations.location_path,
    own_orders.orders as own_orders,
    part_rollups.orders as orders_of_parts,
    rollups.orders as orders_with_parts
from locations
left join own_orders
    on
        locations.organization_id = own_orders.organization_id
        and locations.location_id = own_orders.location_id
left join part_rollups
    on
        locations.organization_id = part_rollups.organization_id
        and locations.location_id = part_rollups.location_id
left join rollups
    on
        locations.organization_id = rollups.organization_id
        and locations.location_id = rollups.location_id
where
    not locations.is_in_cycle
    and coalesce(rollups.orders, 0)
    != coalesce(own_orders.orders, 0) + coalesce(part_rollups.orders, 0)
