with

work_orders as (

    select * from {{ ref('fct_work_orders') }}

),

sites as (

    select * from {{ ref('int_locations__sites') }}

),

as_of as (

    select {{ as_of() }} as as_of_at

),

due_orders as (

    select
        work_orders.organization_id,
        cast({{ dbt.date_trunc('month', 'work_orders.due_on') }} as date) as month_start_on,
        coalesce(work_orders.site_location_id, 0) as site_key,
        work_orders.is_done,
        work_orders.is_skipped,
        work_orders.is_done_by_due,
        work_orders.is_open and work_orders.deadline_at > as_of.as_of_at as is_not_yet_due,
        case
            when
                work_orders.is_done
                and coalesce(work_orders.completed_at >= work_orders.created_at, true)
                then work_orders.completed_at
        end as done_at,
        {{ add_time('day', 1, 'work_orders.deadline_at') }} as day_later_at,
        {{ add_time(
            'second',
            'cast(86400 * least(0.2 * coalesce(work_orders.interval_days, 0), 28) as bigint)',
            'work_orders.deadline_at'
        ) }} as tolerated_at
    from work_orders
    cross join as_of
    where
        work_orders.work_type = 'PREVENTIVE'
        and {{ counts_in_due_date_ratios('work_orders') }}
        and {{ dbt.date_trunc('month', 'work_orders.due_on') }}
        <= {{ dbt.date_trunc('month', local_today('work_orders.time_zone')) }}

),

months as (

    select
        organization_id,
        month_start_on,
        site_key,
        count(*) as due_orders,
        count(case when is_done_by_due then 1 end) as done_by_due,
        count(case when done_at <= day_later_at then 1 end) as done_within_day,
        count(case when done_at <= tolerated_at then 1 end) as done_within_tolerance,
        count(case when is_not_yet_due then 1 end) as not_yet_due,
        count(case when is_skipped then 1 end) as skipped,
        count(case when is_done then 1 end) as done_orders,
        count(case when is_done and done_at is null then 1 end) as done_without_time
    from due_orders
    group by organization_id, month_start_on, site_key

),

final as (

    select
        months.organization_id,
        months.month_start_on,
        months.site_key as site_location_id,
        coalesce(sites.site_name, '') as site_name,
        coalesce(sites.site_label, '') as site_label,
        months.due_orders,
        months.done_by_due,
        months.done_within_day,
        months.done_within_tolerance,
        months.not_yet_due,
        months.skipped,
        months.done_orders,
        months.done_without_time,
        1e0 * months.done_by_due / months.due_orders as compliance,
        1e0 * months.done_within_day / months.due_orders as compliance_within_day,
        1e0 * months.done_within_tolerance / months.due_orders
            as compliance_within_tolerance,
        1e0 * (months.done_orders - months.done_without_time)
        / nullif(months.done_orders, 0) as time_coverage
    from months
    left join sites
        on
            months.organization_id = sites.organization_id
            and months.site_key = sites.site_location_id

)

select * from final
