with

teams as (

    select * from {{ ref('stg_maintainx__teams') }}

),

final as (

    select
        organization_id,
        team_id,
        name as team_name,
        is_deleted
    from teams

)

select * from final
