with recursive

locations as (

    select
        organization_id,
        location_id as node_id,
        parent_location_id as parent_id,
        name as node_name
    from {{ ref('stg_maintainx__locations') }}

),

{{ hierarchy_paths('locations') }},

final as (

    select
        organization_id,
        node_id as location_id,
        root_id as site_location_id,
        root_name as site_name,
        path as location_path,
        depth,
        has_unknown_parent,
        is_in_cycle
    from paths

)

select * from final
