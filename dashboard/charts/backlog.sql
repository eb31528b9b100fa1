with

runs as (

    select
        orders.organization_id,
        coalesce(orders.site_location_id, 0) as site_location_id,
        order_teams.team_id,
        days.from_on,
        days.to_on,
        days.is_on_hold,
        days.is_overdue,
        orders.estimated_hours is not null as is_estimated,
        coalesce(orders.imputed_hours, 0) as hours
    from marts.fct_work_order_days as days
    inner join marts.fct_work_orders as orders using (organization_id, work_order_id)
    inner join order_teams using (organization_id, work_order_id)
    where days.is_open and not days.is_upcoming and orders.is_counted

),

-- A date range adds on its first day and takes away on the day after its last.
steps as (

    select *, from_on as step_on, 1 as step from runs
    union all
    select *, to_on + 1 as step_on, -1 as step from runs where to_on is not null

),

weekly_steps as (

    select
        organization_id,
        site_location_id,
        team_id,
        greatest(date_trunc('week', step_on), date_trunc('week', period.first_on))
            as week_start_on,
        sum(step) as orders,
        coalesce(sum(step) filter (not is_on_hold), 0) as ready,
        coalesce(sum(step) filter (is_overdue), 0) as overdue,
        coalesce(sum(step) filter (is_estimated), 0) as estimated,
        sum(step * cast(hours * 3600 as decimal(18, 0))) as seconds
    from steps
    cross join period
    where step_on <= period.last_on
    group by all

),

weeks as (

    select cast(unnest(generate_series(
        date_trunc('week', first_on), date_trunc('week', last_on), interval 7 day
    )) as date) as week_start_on
    from period

),

groups as (

    select distinct organization_id, site_location_id, team_id from weekly_steps

),

states as (

    select
        groups.*,
        weeks.week_start_on,
        sum(weekly_steps.orders) over up_to_week as backlog_orders,
        sum(weekly_steps.ready) over up_to_week as ready_orders,
        sum(weekly_steps.overdue) over up_to_week as overdue_orders,
        sum(weekly_steps.estimated) over up_to_week as estimated_orders,
        sum(weekly_steps.seconds) over up_to_week / 3600 as backlog_hours
    from groups
    cross join weeks
    left join weekly_steps
        on
            groups.organization_id = weekly_steps.organization_id
            and groups.site_location_id = weekly_steps.site_location_id
            and groups.team_id is not distinct from weekly_steps.team_id
            and weeks.week_start_on = weekly_steps.week_start_on
    window
        up_to_week as (
            partition by groups.organization_id, groups.site_location_id, groups.team_id
            order by weeks.week_start_on
        )

),

-- The seed gives the hours of a site's crew; the mart carries them.
crews as (

    select
        organization_id,
        site_location_id,
        max(crew_hours) as crew_hours
    from marts.mart_backlog_weekly
    where crew_hours > 0
    group by all

)

select
    states.*,
    case when crews.crew_hours is not null then states.backlog_hours end as hours_with_crew,
    crews.crew_hours
from states
left join crews
    on
        states.organization_id = crews.organization_id
        and states.site_location_id = crews.site_location_id
        and states.team_id is null
where states.backlog_orders > 0 or crews.crew_hours is not null
