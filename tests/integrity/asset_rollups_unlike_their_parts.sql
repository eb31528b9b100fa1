with

assets as (

    select * from {{ ref('dim_assets') }}

),

ancestors as (

    select * from {{ ref('bridge_asset_ancestors') }}

),

own_orders as (

    select
        organization_id,
        asset_id,
        count(*) as orders
    from {{ ref('fct_work_orders') }}
    group by organization_id, asset_id

),

rollups as (

    select
        ancestors.organization_id,
        ancestors.ancestor_asset_id as asset_id,
        sum(own_orders.orders) as orders
    from ancestors
    inner join own_orders
        on
            ancestors.organization_id = own_orders.organization_id
            and ancestors.asset_id = own_orders.asset_id
    group by ancestors.organization_id, ancestors.ancestor_asset_id

),

part_rollups as (

    select
        parts.organization_id,
        parts.parent_asset_id as asset_id,
        sum(rollups.orders) as orders
    from assets as parts
    inner join rollups
        on
            parts.organization_id = rollups.organization_id
            and parts.asset_id = rollups.asset_id
    group by parts.organization_id, parts.parent_asset_id

)

select
    assets.organization_id,
    assets.asset_id,
    assets.asset_path,
    own_orders.orders as own_orders,
    part_rollups.orders as orders_of_parts,
    rollups.orders as orders_with_parts
from assets
left join own_orders
    on
        assets.organization_id = own_orders.organization_id
        and assets.asset_id = own_orders.asset_id
left join part_rollups
    on
        assets.organization_id = part_rollups.organization_id
        and assets.asset_id = part_rollups.asset_id
left join rollups
    on
        assets.organization_id = rollups.organization_id
        and assets.asset_id = rollups.asset_id
where
    not assets.is_in_cycle
    and coalesce(rollups.orders, 0)
    != coalesce(own_orders.orders, 0) + coalesce(part_rollups.orders, 0)
