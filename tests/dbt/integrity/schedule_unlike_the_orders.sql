with

histories as (

    select
        organization_id,
        min(extracted_at) as began_at
    from {{ ref('stg_maintainx__work_order_versions') }}
    group by organization_id

),

done as (

    select
        organization_id,
        {{ week_start('completed_on') }} as week_start_on,
        count(*) as done_orders
    from {{ ref('fct_work_orders') }}
    where
        is_counted
        and has_valid_completion
    group by organization_id, week_start_on

),

weeks as (

    select
        organization_id,
        week_start_on,
        min(case when is_known then 1 else 0 end) = 1 as is_known,
        max(case when is_known then 1 else 0 end) = 1 as is_known_of_a_site,
        sum(scheduled_orders + break_in_orders + unknown_orders) as orders
    from {{ ref('mart_schedule_compliance_weekly') }}
    group by organization_id, week_start_on

)

{# The first zone to begin a day is 14 hours ahead of UTC. #}
select
    weeks.organization_id,
    weeks.week_start_on,
    weeks.orders,
    done.done_orders,
    histories.began_at
from weeks
inner join histories
    on weeks.organization_id = histories.organization_id
left join done
    on
        weeks.organization_id = done.organization_id
        and weeks.week_start_on = done.week_start_on
where
    (weeks.is_known and done.done_orders > weeks.orders)
    or (
        weeks.is_known_of_a_site
        and weeks.week_start_on < cast({{ add_time('hour', -14, 'histories.began_at') }} as date)
    )
