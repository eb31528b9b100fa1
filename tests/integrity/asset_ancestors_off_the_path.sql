with

ancestors as (

    select
        organization_id,
        asset_id,
        count(*) as ancestors,
        max(distance) as furthest_distance
    from {{ ref('bridge_asset_ancestors') }}
    group by organization_id, asset_id

),

roots as (

    select
        bridge.organization_id,
        bridge.asset_id,
        bridge.ancestor_asset_id
    from {{ ref('bridge_asset_ancestors') }} as bridge
    inner join ancestors
        on
            bridge.organization_id = ancestors.organization_id
            and bridge.asset_id = ancestors.asset_id
            and bridge.distance = ancestors.furthest_distance

)

select
    assets.organization_id,
    assets.asset_id,
    assets.asset_path,
    assets.depth,
    ancestors.ancestors,
    roots.ancestor_asset_id as last_ancestor_asset_id
from {{ ref('dim_assets') }} as assets
left join ancestors
    on
        assets.organization_id = ancestors.organization_id
        and assets.asset_id = ancestors.asset_id
left join roots
    on
        assets.organization_id = roots.organization_id
        and assets.asset_id = roots.asset_id
where
    ancestors.ancestors is distinct from assets.depth
    or ancestors.furthest_distance is distinct from assets.depth - 1
    or roots.ancestor_asset_id is distinct from assets.root_asset_id
