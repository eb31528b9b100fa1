with

paths as (

    select * from {{ ref('int_locations__paths') }}

),

final as (

    select distinct
        organization_id,
        site_location_id,
        site_name
    from paths

)

select * from final
