with

work_orders as (

    select
        *,
        coalesce(site_location_id, 0) as site_key
    from {{ ref('fct_work_orders') }}
    where is_counted

),

order_days as (

    select * from {{ ref('fct_work_order_days') }}

),

named_sites as (

    select * from {{ ref('int_locations__sites') }}

),

dates as (

    select * from {{ ref('dim_dates') }}

),

crew_hours as (

    select
        organization_id,
        site_location_id,
        sum(weekly_hours) as crew_hours
    from {{ ref('crew_hours') }}
    group by organization_id, site_location_id

),

runs as (

    select
        work_orders.organization_id,
        work_orders.site_key,
        order_days.from_on,
        {{ add_days('order_days.to_on', 1) }} as until_on,
        not order_days.is_upcoming as is_backlog,
        not order_days.is_upcoming and not order_days.is_on_hold as is_ready,
        work_orders.estimated_hours is not null as is_estimated,
        work_orders.imputed_hours is not null as is_imputed,
        work_orders.imputed_hours
    from order_days
    inner join work_orders
        on
            order_days.organization_id = work_orders.organization_id
            and order_days.work_order_id = work_orders.work_order_id
    where order_days.is_open

),

{# A date range adds its values on its first day and subtracts them on the day after its last. #}
steps as (

    select
        organization_id,
        site_key,
        from_on as step_on,
        1 as step,
        is_backlog,
        is_ready,
        is_estimated,
        is_imputed,
        imputed_hours
    from runs

    union all

    select
        organization_id,
        site_key,
        until_on as step_on,
        -1 as step,
        is_backlog,
        is_ready,
        is_estimated,
        is_imputed,
        imputed_hours
    from runs
    where until_on is not null

),

{{ status_changes_until_now('work_orders') }},

followed_changes as (

    select
        work_orders.organization_id,
        work_orders.site_key,
        changes.changed_on,
        changes.is_open,
        lag(changes.is_open, 1, false) over (
            partition by changes.organization_id, changes.work_order_id
            order by changes.change_number
        ) as was_open
    from status_changes_until_now as changes
    inner join work_orders
        on
            changes.organization_id = work_orders.organization_id
            and changes.work_order_id = work_orders.work_order_id

),

spans as (

    select
        work_orders.organization_id,
        min(order_days.from_on) as first_on
    from order_days
    inner join work_orders
        on
            order_days.organization_id = work_orders.organization_id
            and order_days.work_order_id = work_orders.work_order_id
    group by work_orders.organization_id

),

sites as (

    select
        organization_id,
        site_key,
        {{ local_today('min(time_zone)') }} as as_of_on
    from work_orders
    group by organization_id, site_key

),

{# The last week of a site is the week of the as-of day at that site. #}
weeks as (

    select
        sites.organization_id,
        sites.site_key,
        dates.week_start_on,
        min(min(dates.week_start_on)) over (partition by sites.organization_id)
            as first_week_start_on
    from spans
    inner join sites
        on spans.organization_id = sites.organization_id
    inner join dates
        on
            spans.first_on <= {{ add_days('dates.week_start_on', 6) }}
            and sites.as_of_on >= dates.week_start_on
    group by sites.organization_id, sites.site_key, dates.week_start_on

),

first_weeks as (

    select distinct
        organization_id,
        first_week_start_on
    from weeks

),

dated_steps as (

    select
        steps.organization_id,
        steps.site_key,
        greatest({{ week_start('steps.step_on') }}, first_weeks.first_week_start_on)
            as week_start_on,
        steps.step,
        case when steps.is_backlog then steps.step else 0 end as backlog_step,
        case when steps.is_ready then steps.step else 0 end as ready_step,
        case when steps.is_backlog and steps.is_estimated then steps.step else 0 end
            as estimated_step,
        case when steps.is_backlog and steps.is_imputed then steps.step else 0 end
            as imputed_step,
        cast(steps.step * steps.imputed_hours * 3600 as decimal(28, 6)) as seconds_step
    from steps
    inner join first_weeks
        on steps.organization_id = first_weeks.organization_id

),

weekly_steps as (

    select
        organization_id,
        site_key,
        week_start_on,
        sum(step) as open_step,
        sum(backlog_step) as backlog_step,
        sum(ready_step) as ready_step,
        sum(estimated_step) as estimated_step,
        sum(imputed_step) as imputed_step,
        sum(case when backlog_step != 0 then seconds_step else 0 end) as backlog_seconds_step,
        sum(case when ready_step != 0 then seconds_step else 0 end) as ready_seconds_step
    from dated_steps
    group by organization_id, site_key, week_start_on

),

dated_changes as (

    select
        followed_changes.organization_id,
        followed_changes.site_key,
        greatest({{ week_start('followed_changes.changed_on') }}, first_weeks.first_week_start_on)
            as week_start_on,
        followed_changes.is_open,
        followed_changes.was_open
    from followed_changes
    inner join first_weeks
        on followed_changes.organization_id = first_weeks.organization_id

),

weekly_changes as (

    select
        organization_id,
        site_key,
        week_start_on,
        count(case when is_open and not was_open then 1 end) as opened_orders,
        count(case when was_open and not is_open then 1 end) as closed_orders
    from dated_changes
    group by organization_id, site_key, week_start_on

),

states as (

    select
        weeks.organization_id,
        weeks.week_start_on,
        weeks.site_key,
        cast(coalesce(sum(weekly_steps.open_step) over up_to_week, 0) as bigint)
            as open_orders,
        cast(coalesce(sum(weekly_steps.backlog_step) over up_to_week, 0) as bigint)
            as backlog_orders,
        cast(coalesce(sum(weekly_steps.ready_step) over up_to_week, 0) as bigint)
            as ready_orders,
        cast(coalesce(sum(weekly_steps.estimated_step) over up_to_week, 0) as bigint)
            as estimated_orders,
        cast(coalesce(sum(weekly_steps.imputed_step) over up_to_week, 0) as bigint)
            as imputed_orders,
        coalesce(sum(weekly_steps.backlog_seconds_step) over up_to_week, 0) as backlog_seconds,
        coalesce(sum(weekly_steps.ready_seconds_step) over up_to_week, 0) as ready_seconds,
        coalesce(weekly_changes.opened_orders, 0) as opened_orders,
        coalesce(weekly_changes.closed_orders, 0) as closed_orders
    from weeks
    left join weekly_steps
        on
            weeks.organization_id = weekly_steps.organization_id
            and weeks.week_start_on = weekly_steps.week_start_on
            and weeks.site_key = weekly_steps.site_key
    left join weekly_changes
        on
            weeks.organization_id = weekly_changes.organization_id
            and weeks.week_start_on = weekly_changes.week_start_on
            and weeks.site_key = weekly_changes.site_key
    window
        up_to_week as (
            partition by weeks.organization_id, weeks.site_key
            order by weeks.week_start_on
        )

),

timed_states as (

    select
        *,
        case
            when backlog_orders = 0 or imputed_orders > 0
                then cast(backlog_seconds as {{ type_double() }}) / 3600
        end as backlog_hours,
        case
            when ready_orders = 0 or imputed_orders > 0
                then cast(ready_seconds as {{ type_double() }}) / 3600
        end as ready_hours
    from states

),

final as (

    select
        states.organization_id,
        states.week_start_on,
        states.site_key as site_location_id,
        coalesce(named_sites.site_name, '') as site_name,
        coalesce(named_sites.site_label, '') as site_label,
        states.open_orders,
        states.backlog_orders,
        states.ready_orders,
        states.estimated_orders,
        1e0 * states.estimated_orders / nullif(states.backlog_orders, 0)
            as estimate_coverage,
        states.backlog_hours,
        states.ready_hours,
        crew_hours.crew_hours,
        states.backlog_hours / nullif(crew_hours.crew_hours, 0) as backlog_weeks,
        states.ready_hours / nullif(crew_hours.crew_hours, 0) as ready_weeks,
        states.opened_orders,
        states.closed_orders,
        states.opened_orders - states.closed_orders as net_change
    from timed_states as states
    left join named_sites
        on
            states.organization_id = named_sites.organization_id
            and states.site_key = named_sites.site_location_id
    left join crew_hours
        on
            states.organization_id = crew_hours.organization_id
            and states.site_key = crew_hours.site_location_id

)

select * from final
