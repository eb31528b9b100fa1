with

teams as (

    select * from {{ ref('stg_maintainx__teams') }}

),

details as (

    select * from {{ ref('stg_maintainx__team_details') }}

),

final as (

    select
        teams.organization_id,
        teams.team_id,
        teams.name as team_name,
        details.description,
        details.member_count,
        teams.is_deleted,
        details.asset_ids,
        details.location_ids
    from teams
    left join details
        on
            teams.organization_id = details.organization_id
            and teams.team_id = details.team_id

)

select * from final
