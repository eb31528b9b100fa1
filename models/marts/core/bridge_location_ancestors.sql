with recursive

locations as (

    select
        organization_id,
        location_id as node_id,
        parent_location_id as parent_id,
        depth
    from {{ ref('dim_locations') }}

),

{{ hierarchy_ancestors('locations') }},

final as (

    select
        organization_id,
        node_id as location_id,
        ancestor_id as ancestor_location_id,
        distance
    from ancestors

)

select * from final
