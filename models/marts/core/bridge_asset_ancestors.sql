with recursive

assets as (

    select
        organization_id,
        asset_id as node_id,
        parent_asset_id as parent_id,
        depth
    from {{ ref('dim_assets') }}

),

{{ hierarchy_ancestors('assets') }},

final as (

    select
        organization_id,
        node_id as asset_id,
        ancestor_id as ancestor_asset_id,
        distance
    from ancestors

)

select * from final
