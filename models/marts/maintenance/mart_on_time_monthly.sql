with

work_orders as (

    select
        *,
        coalesce(site_location_id, 0) as site_key,
        cast({{ dbt.date_trunc('month', 'created_on') }} as date) as created_month_start_on
    from {{ ref('fct_work_orders') }} as orders
    where {{ counts_in_due_date_ratios('orders') }}

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
        work_orders.site_key,
        work_orders.work_type,
        work_orders.is_done,
        work_orders.is_open,
        work_orders.is_skipped,
        work_orders.is_done_by_due,
        coalesce(
            work_orders.completed_at >= work_orders.created_at,
            work_orders.completed_at is not null
        ) as has_time,
        work_orders.deadline_at > as_of.as_of_at as is_yet_to_come
    from work_orders
    cross join as_of
    where
        {{ dbt.date_trunc('month', 'work_orders.due_on') }}
        <= {{ dbt.date_trunc('month', local_today('work_orders.time_zone')) }}

),

due as (

    select
        organization_id,
        month_start_on,
        site_key,
        work_type,
        count(*) as due_orders,
        count(case when is_done_by_due then 1 end) as done_by_due,
        count(case when is_open and is_yet_to_come then 1 end) as not_yet_due,
        count(case when is_done and has_time and not is_done_by_due then 1 end) as done_late,
        count(case when is_open and not is_yet_to_come then 1 end) as open_late,
        count(case when is_skipped then 1 end) as skipped,
        count(case when is_done and not has_time then 1 end) as done_without_time,
        count(case when is_done then 1 end) as done_orders
    from due_orders
    group by organization_id, month_start_on, site_key, work_type

),

created as (

    select
        organization_id,
        created_month_start_on as month_start_on,
        site_key,
        work_type,
        count(*) as created_orders,
        count(due_on) as created_with_due_date
    from work_orders
    where created_on is not null
    group by organization_id, created_month_start_on, site_key, work_type

),

months as (

    select
        coalesce(due.organization_id, created.organization_id) as organization_id,
        coalesce(due.month_start_on, created.month_start_on) as month_start_on,
        coalesce(due.site_key, created.site_key) as site_key,
        coalesce(due.work_type, created.work_type) as work_type,
        coalesce(due.due_orders, 0) as due_orders,
        coalesce(due.done_by_due, 0) as done_by_due,
        coalesce(due.not_yet_due, 0) as not_yet_due,
        coalesce(due.done_late, 0) as done_late,
        coalesce(due.open_late, 0) as open_late,
        coalesce(due.skipped, 0) as skipped,
        coalesce(due.done_without_time, 0) as done_without_time,
        coalesce(due.done_orders, 0) as done_orders,
        coalesce(created.created_orders, 0) as created_orders,
        coalesce(created.created_with_due_date, 0) as created_with_due_date
    from due
    full join created
        on
            due.organization_id = created.organization_id
            and due.month_start_on = created.month_start_on
            and due.site_key = created.site_key
            and due.work_type = created.work_type

),

final as (

    select
        months.organization_id,
        months.month_start_on,
        months.site_key as site_location_id,
        months.work_type,
        coalesce(sites.site_name, '') as site_name,
        coalesce(sites.site_label, '') as site_label,
        months.due_orders,
        months.done_by_due,
        months.not_yet_due,
        months.done_late,
        months.open_late,
        months.skipped,
        months.done_without_time,
        months.created_orders,
        months.created_with_due_date,
        1e0 * months.done_by_due / nullif(months.due_orders, 0) as on_time_strict,
        1e0 * (months.done_by_due + months.not_yet_due) / nullif(months.due_orders, 0)
            as on_time_product,
        1e0 * months.created_with_due_date / nullif(months.created_orders, 0)
            as due_date_coverage,
        1e0 * (months.done_orders - months.done_without_time)
        / nullif(months.done_orders, 0) as time_coverage
    from months
    left join sites
        on
            months.organization_id = sites.organization_id
            and months.site_key = sites.site_location_id

)

select * from final
