with

loads as (

    select * from {{ ref('mart_workload_weekly') }}

),

teams as (

    select distinct
        organization_id,
        cast(team_id as string) as team_id
    from {{ ref('bridge_team_members') }}

),

expected as (

    select
        loads.organization_id,
        loads.week_start_on,
        sum(coalesce(loads.imputed_hours, 0)) as imputed_hours
    from loads
    left join teams
        on
            loads.organization_id = teams.organization_id
            and case when loads.assignee_type = 'TEAM' then loads.assignee_id end = teams.team_id
    where
        teams.team_id is not null
        or (
            loads.assignee_type = 'USER'
            and {{ dbt.safe_cast('loads.assignee_id', 'bigint') }} is not null
        )
    group by loads.organization_id, loads.week_start_on

),

found as (

    select
        organization_id,
        week_start_on,
        sum(coalesce(total_hours, 0)) as total_hours
    from {{ ref('mart_workload_of_people_weekly') }}
    group by organization_id, week_start_on

)

select
    coalesce(expected.organization_id, found.organization_id) as organization_id,
    coalesce(expected.week_start_on, found.week_start_on) as week_start_on,
    expected.imputed_hours,
    found.total_hours
from expected
full join found
    on
        expected.organization_id = found.organization_id
        and expected.week_start_on = found.week_start_on
where coalesce(abs(expected.imputed_hours - found.total_hours) > 0.01, true)
