with recursive

assets as (

    select
        organization_id,
        asset_id as node_id,
        parent_asset_id as parent_id,
        name as node_name
    from {{ ref('stg_maintainx__assets') }}

),

{{ hierarchy_paths('assets') }},

final as (

    select
        organization_id,
        node_id as asset_id,
        root_id as root_asset_id,
        root_name as root_asset_name,
        path as asset_path,
        depth,
        has_unknown_parent,
        is_in_cycle
    from paths

)

select * from final
