with

answers as (

    select * from {{ ref('stg_maintainx__team_members') }}
    where not is_deleted

),

teams as (

    select * from {{ ref('dim_teams') }}

),

users as (

    select * from {{ ref('dim_users') }}

),

-- The same person twice in an answer is one member.
members as (

    select
        answers.organization_id,
        answers.team_id,
        member.id as user_id,
        min(member.teamrole) as team_role,
        min(nullif(
            trim(
                coalesce(trim(member.firstname), '') || ' ' || coalesce(trim(member.lastname), '')
            ),
            ''
        )) as sent_name
    from
        {{
            json_elements(
                'answers',
                'members',
                {'id': 'integer', 'firstName': 'text', 'lastName': 'text', 'teamRole': 'text'},
                'member'
            )
        }}
    where member.id is not null
    group by answers.organization_id, answers.team_id, member.id

),

final as (

    select
        members.organization_id,
        members.team_id,
        members.user_id,
        teams.team_name,
        coalesce(users.full_name, members.sent_name) as user_name,
        members.team_role
    from members
    left join teams
        on
            members.organization_id = teams.organization_id
            and members.team_id = teams.team_id
    left join users
        on
            members.organization_id = users.organization_id
            and members.user_id = users.user_id

)

select * from final
