with

work_orders as (

    select
        *,
        coalesce(site_location_id, 0) as site_key,
        {{ week_start('completed_on') }} as week_start_on
    from {{ ref('fct_work_orders') }}
    where
        is_done
        and completed_at <= {{ as_of() }}
        and work_type != 'CYCLE_COUNT'

),

costs as (

    select * from {{ ref('fct_work_order_costs') }}
    where
        entry_type = 'TIME'
        and hours > 0

),

crew_hours as (

    select * from {{ ref('crew_hours') }}

),

team_members as (

    select * from {{ ref('bridge_team_members') }}

),

organizations as (

    select * from {{ ref('dim_organizations') }}

),

teams as (

    select * from {{ ref('dim_teams') }}

),

users as (

    select * from {{ ref('dim_users') }}

),

named_sites as (

    select * from {{ ref('int_locations__sites') }}

),

dates as (

    select * from {{ ref('dim_dates') }}

),

entries as (

    select
        costs.organization_id,
        costs.work_order_id,
        costs.user_id,
        work_orders.site_key,
        work_orders.week_start_on,
        costs.hours
    from costs
    inner join work_orders
        on
            costs.organization_id = work_orders.organization_id
            and costs.work_order_id = work_orders.work_order_id

),

{# A person can be in the seed with several sites, but is one member of a team. #}
members as (

    select
        organization_id,
        team_id,
        user_id
    from crew_hours
    where
        team_id is not null
        and user_id is not null

    union distinct

    select
        organization_id,
        team_id,
        user_id
    from team_members

),

teams_of_known_members as (

    select distinct
        organization_id,
        team_id
    from team_members

),

available as (

    select
        organization_id,
        'SITE' as crew_type,
        site_location_id as crew_id,
        sum(weekly_hours) as available_hours,
        true as has_members
    from crew_hours
    group by organization_id, site_location_id

    union all

    select
        crew_hours.organization_id,
        'TEAM' as crew_type,
        crew_hours.team_id as crew_id,
        sum(crew_hours.weekly_hours) as available_hours,
        count(*) = count(coalesce(teams_of_known_members.team_id, crew_hours.user_id))
            as has_members
    from crew_hours
    left join teams_of_known_members
        on
            crew_hours.organization_id = teams_of_known_members.organization_id
            and crew_hours.team_id = teams_of_known_members.team_id
    where crew_hours.team_id is not null
    group by crew_hours.organization_id, crew_hours.team_id

    union all

    select
        organization_id,
        'USER' as crew_type,
        user_id as crew_id,
        sum(weekly_hours) as available_hours,
        true as has_members
    from crew_hours
    where user_id is not null
    group by organization_id, user_id

),

crew_entries as (

    select
        organization_id,
        'SITE' as crew_type,
        site_key as crew_id,
        week_start_on,
        work_order_id,
        hours
    from entries

    union all

    select
        entries.organization_id,
        'TEAM' as crew_type,
        members.team_id as crew_id,
        entries.week_start_on,
        entries.work_order_id,
        entries.hours
    from entries
    inner join members
        on
            entries.organization_id = members.organization_id
            and entries.user_id = members.user_id

    union all

    select
        organization_id,
        'USER' as crew_type,
        user_id as crew_id,
        week_start_on,
        work_order_id,
        hours
    from entries
    where user_id is not null

),

logged as (

    select
        organization_id,
        crew_type,
        crew_id,
        week_start_on,
        {{ sum_hours('hours') }} as logged_hours,
        count(distinct work_order_id) as logged_orders
    from crew_entries
    group by organization_id, crew_type, crew_id, week_start_on

),

done as (

    select
        organization_id,
        site_key,
        week_start_on,
        count(*) as done_orders,
        count(case when logged_hours > 0 then 1 end) as orders_with_hours
    from work_orders
    where is_counted
    group by organization_id, site_key, week_start_on

),

spans as (

    select
        organization_id,
        crew_type,
        crew_id,
        min(week_start_on) as first_week_on,
        max(week_start_on) as last_week_on
    from logged
    group by organization_id, crew_type, crew_id

),

crews as (

    select
        organization_id,
        crew_type,
        crew_id
    from spans

    union distinct

    select
        organization_id,
        crew_type,
        crew_id
    from available

),

first_weeks as (

    select
        organization_id,
        min(first_week_on) as first_week_on
    from spans
    group by organization_id

),

{# At a site ahead of its organization the next week may have begun. #}
weeks as (

    select distinct
        crews.organization_id,
        crews.crew_type,
        crews.crew_id,
        dates.week_start_on,
        {{ add_days('dates.week_start_on', 7) }} <= organizations.as_of_on as is_complete
    from crews
    inner join first_weeks
        on crews.organization_id = first_weeks.organization_id
    inner join organizations
        on crews.organization_id = organizations.organization_id
    left join spans
        on
            crews.organization_id = spans.organization_id
            and crews.crew_type = spans.crew_type
            and crews.crew_id = spans.crew_id
    inner join dates
        on
            coalesce(spans.first_week_on, first_weeks.first_week_on) <= dates.week_start_on
            and (
                organizations.as_of_on >= dates.week_start_on
                or spans.last_week_on >= dates.week_start_on
            )

),

final as (

    select
        weeks.organization_id,
        weeks.week_start_on,
        weeks.crew_type,
        weeks.crew_id,
        case weeks.crew_type
            when 'SITE' then coalesce(named_sites.site_label, '')
            when 'TEAM' then {{ name_or_else('teams.team_name', 'weeks.crew_id') }}
            else {{ name_or_else('users.full_name', 'weeks.crew_id') }}
        end as crew_name,
        case when coalesce(available.has_members, true) then coalesce(logged.logged_hours, 0) end
            as logged_hours,
        case when coalesce(available.has_members, true) then coalesce(logged.logged_orders, 0) end
            as logged_orders,
        available.available_hours,
        case when coalesce(available.has_members, true) then coalesce(logged.logged_hours, 0) end
        / nullif(available.available_hours, 0) as utilization,
        case when weeks.crew_type = 'SITE' then coalesce(done.done_orders, 0) end as done_orders,
        case when weeks.crew_type = 'SITE' then coalesce(done.orders_with_hours, 0) end
            as orders_with_hours,
        1e0 * done.orders_with_hours / done.done_orders as hour_coverage,
        available.available_hours is not null as has_crew_hours,
        weeks.is_complete
    from weeks
    -- The type in a case: as a condition of its own it makes DuckDB compare all with all.
    left join logged
        on
            weeks.organization_id = logged.organization_id
            and weeks.crew_type = logged.crew_type
            and weeks.crew_id = logged.crew_id
            and weeks.week_start_on = logged.week_start_on
    left join available
        on
            weeks.organization_id = available.organization_id
            and weeks.crew_type = available.crew_type
            and weeks.crew_id = available.crew_id
    left join done
        on
            weeks.organization_id = done.organization_id
            and case when weeks.crew_type = 'SITE' then weeks.crew_id end = done.site_key
            and weeks.week_start_on = done.week_start_on
    left join named_sites
        on
            weeks.organization_id = named_sites.organization_id
            and case when weeks.crew_type = 'SITE' then weeks.crew_id end
            = named_sites.site_location_id
    left join teams
        on
            weeks.organization_id = teams.organization_id
            and case when weeks.crew_type = 'TEAM' then weeks.crew_id end = teams.team_id
    left join users
        on
            weeks.organization_id = users.organization_id
            and case when weeks.crew_type = 'USER' then weeks.crew_id end = users.user_id

)

select * from final
