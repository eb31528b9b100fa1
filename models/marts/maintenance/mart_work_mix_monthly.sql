with

work_orders as (

    select * from {{ ref('fct_work_orders') }}

),

sites as (

    select * from {{ ref('int_locations__sites') }}

),

types as (

    select
        organization_id,
        cast({{ dbt.date_trunc('month', 'completed_on') }} as date) as month_start_on,
        coalesce(site_location_id, 0) as site_key,
        work_type,
        count(*) as done_orders,
        {{ sum_hours('logged_hours') }} as logged_hours,
        count(case when logged_hours > 0 then 1 end) as orders_with_hours,
        count(cycle_hours) as orders_with_cycle,
        {{ sum_hours('cycle_hours') }} as cycle_hours
    from work_orders
    where
        is_done
        and is_counted
        and completed_at <= {{ as_of() }}
    group by organization_id, month_start_on, site_key, work_type

),

{# A fixed order of the rows gives the same sum in every build. #}
months as (

    select
        *,
        cast(sum(done_orders) over of_month as bigint) as total_done_orders,
        sum(logged_hours) over of_month as total_logged_hours
    from types
    window
        of_month as (
            partition by organization_id, month_start_on, site_key
            order by work_type
            rows between unbounded preceding and unbounded following
        )

),

final as (

    select
        months.organization_id,
        months.month_start_on,
        months.site_key as site_location_id,
        months.work_type,
        coalesce(sites.site_name, '') as site_name,
        coalesce(sites.site_label, '') as site_label,
        months.done_orders,
        months.total_done_orders,
        1e0 * months.done_orders / months.total_done_orders as order_share,
        months.logged_hours,
        months.total_logged_hours,
        months.logged_hours / nullif(months.total_logged_hours, 0) as hour_share,
        months.orders_with_hours,
        1e0 * months.orders_with_hours / months.done_orders as hour_coverage,
        months.orders_with_cycle,
        months.cycle_hours / nullif(months.orders_with_cycle, 0) as mean_cycle_hours,
        1e0 * months.orders_with_cycle / months.done_orders as cycle_coverage
    from months
    left join sites
        on
            months.organization_id = sites.organization_id
            and months.site_key = sites.site_location_id

)

select * from final
