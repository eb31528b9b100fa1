with

loads as (

    select * from {{ ref('mart_workload_weekly') }}

),

members as (

    select
        *,
        count(*) over (partition by organization_id, team_id) as member_count
    from {{ ref('bridge_team_members') }}

),

own_loads as (

    select
        organization_id,
        week_start_on,
        {{ dbt.safe_cast('assignee_id', 'bigint') }} as user_id,
        site_location_id,
        assignee_name as user_name,
        site_name,
        site_label,
        open_orders as own_orders,
        0 as team_orders,
        imputed_hours as own_hours,
        null as team_hours
    from loads
    where assignee_type = 'USER'

),

team_loads as (

    select
        loads.organization_id,
        loads.week_start_on,
        members.user_id,
        loads.site_location_id,
        members.user_name,
        loads.site_name,
        loads.site_label,
        0 as own_orders,
        loads.open_orders as team_orders,
        null as own_hours,
        loads.imputed_hours / members.member_count as team_hours
    from loads
    inner join members
        on
            loads.organization_id = members.organization_id
            and loads.assignee_type = 'TEAM'
            and loads.assignee_id = cast(members.team_id as string)

),

all_loads as (

    select * from own_loads
    where user_id is not null

    union all

    select * from team_loads

),

sums as (

    select
        organization_id,
        week_start_on,
        user_id,
        site_location_id,
        max(user_name) as user_name,
        max(site_name) as site_name,
        max(site_label) as site_label,
        cast(sum(own_orders) as bigint) as own_orders,
        cast(sum(team_orders) as bigint) as team_orders,
        {{ sum_hours('own_hours') }} as own_hours,
        {{ sum_hours('team_hours') }} as team_hours,
        count(own_hours) + count(team_hours) > 0 as has_hours
    from all_loads
    group by organization_id, week_start_on, user_id, site_location_id

),

final as (

    select
        organization_id,
        week_start_on,
        user_id,
        site_location_id,
        coalesce(user_name, cast(user_id as string)) as user_name,
        site_name,
        site_label,
        own_orders,
        team_orders,
        case when has_hours then own_hours end as own_hours,
        case when has_hours then team_hours end as team_hours,
        case when has_hours then own_hours + team_hours end as total_hours
    from sums

)

select * from final
