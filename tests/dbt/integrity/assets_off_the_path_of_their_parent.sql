select
    assets.organization_id,
    assets.asset_id,
    assets.asset_path,
    parents.asset_path as parent_path
from {{ ref('dim_assets') }} as assets
inner join {{ ref('dim_assets') }} as parents
    on
        assets.organization_id = parents.organization_id
        and assets.parent_asset_id = parents.asset_id
where
    not assets.is_in_cycle
    and (
        not starts_with(assets.asset_path, parents.asset_path || ' > ')
        or assets.root_asset_id != parents.root_asset_id
        or assets.depth != parents.depth + 1
    )
