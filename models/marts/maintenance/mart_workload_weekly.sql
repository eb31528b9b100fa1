with

work_orders as (

    select * from {{ ref('fct_work_orders') }}
    where
        is_open
        and is_counted

),

assignments as (

    select
        *,
        count(*) over (partition by organization_id, work_order_id) as assignees
    from {{ ref('bridge_work_order_assignees') }}

),

sites as (

    select * from {{ ref('int_locations__sites') }}

),

shares as (

    select
        work_orders.organization_id,
        assignments.assignee_type,
        assignments.assignee_id,
        assignments.assignee_name,
        coalesce(work_orders.site_location_id, 0) as site_key,
        work_orders.due_on,
        work_orders.is_overdue,
        work_orders.estimated_hours is not null as is_estimated,
        coalesce(work_orders.estimated_hours, 0) / assignments.assignees as estimated_hours,
        work_orders.imputed_hours / assignments.assignees as imputed_hours,
        {{ local_today('work_orders.time_zone') }} as as_of_on
    from work_orders
    inner join assignments
        on
            work_orders.organization_id = assignments.organization_id
            and work_orders.work_order_id = assignments.work_order_id

),

{# Work without a due date, or past it, counts in the current week. #}
weekly_shares as (

    select
        *,
        {{ week_start('greatest(coalesce(due_on, as_of_on), as_of_on)') }} as week_start_on
    from shares

),

weeks as (

    select
        organization_id,
        week_start_on,
        assignee_type,
        assignee_id,
        site_key,
        max(assignee_name) as assignee_name,
        count(*) as open_orders,
        count(case when is_overdue then 1 end) as overdue_orders,
        count(case when due_on is null then 1 end) as undated_orders,
        count(case when is_estimated then 1 end) as estimated_orders,
        {{ sum_hours('estimated_hours') }} as estimated_hours,
        case when count(imputed_hours) > 0 then {{ sum_hours('imputed_hours') }} end
            as imputed_hours
    from weekly_shares
    group by organization_id, week_start_on, assignee_type, assignee_id, site_key

),

final as (

    select
        weeks.organization_id,
        weeks.week_start_on,
        weeks.assignee_type,
        weeks.assignee_id,
        weeks.site_key as site_location_id,
        weeks.assignee_name,
        coalesce(sites.site_name, '') as site_name,
        coalesce(sites.site_label, '') as site_label,
        weeks.open_orders,
        weeks.overdue_orders,
        weeks.undated_orders,
        weeks.estimated_orders,
        weeks.estimated_hours,
        weeks.imputed_hours,
        1e0 * weeks.estimated_orders / weeks.open_orders as estimate_coverage
    from weeks
    left join sites
        on
            weeks.organization_id = sites.organization_id
            and weeks.site_key = sites.site_location_id

)

select * from final
