with

work_orders as (

    select * from {{ ref('int_work_orders__not_deleted') }}

),

users as (

    select * from {{ ref('dim_users') }}

),

teams as (

    select * from {{ ref('dim_teams') }}

),

users_by_email as (

    select
        organization_id,
        user_id,
        full_name,
        lower(email) as email
    from users
    where email is not null
    qualify
        row_number() over (
            partition by organization_id, lower(email)
            order by is_deleted, user_id
        ) = 1

),

sent as (

    select
        work_orders.organization_id,
        work_orders.work_order_id,
        coalesce(assignee.type, 'UNKNOWN') as assignee_type,
        assignee.id as source_id,
        position
    from
        {{ json_elements('work_orders', 'assignees', {'type': 'text', 'id': 'text'}, 'assignee') }}

),

{# A condition on the type in the joins would prevent hash joins. #}
assignments as (

    select
        *,
        case when assignee_type = 'USER' then source_id end as source_user_id,
        case when assignee_type = 'TEAM' then source_id end as source_team_id
    from sent
    where source_id is not null

),

named as (

    select
        assignments.organization_id,
        assignments.work_order_id,
        assignments.assignee_type,
        assignments.position,
        coalesce(users.user_id, users_by_email.user_id) as user_id,
        teams.team_id,
        coalesce(cast(users_by_email.user_id as string), assignments.source_id) as assignee_id,
        {{ name_or_else(
            'coalesce(users.full_name, users_by_email.full_name, teams.team_name)',
            'coalesce(cast(users_by_email.user_id as string), assignments.source_id)'
        ) }} as assignee_name
    from assignments
    left join users
        on
            assignments.organization_id = users.organization_id
            and assignments.source_user_id = cast(users.user_id as string)
    left join users_by_email
        on
            assignments.organization_id = users_by_email.organization_id
            and lower(assignments.source_user_id) = users_by_email.email
    left join teams
        on
            assignments.organization_id = teams.organization_id
            and assignments.source_team_id = cast(teams.team_id as string)

),

distinct_assignees as (

    select *
    from named
    qualify
        row_number() over (
            partition by organization_id, work_order_id, assignee_type, assignee_id
            order by position
        ) = 1

),

final as (

    select
        organization_id,
        work_order_id,
        assignee_type,
        assignee_id,
        user_id,
        team_id,
        assignee_name,
        row_number() over (
            partition by organization_id, work_order_id
            order by position
        ) as position
    from distinct_assignees

)

select * from final
