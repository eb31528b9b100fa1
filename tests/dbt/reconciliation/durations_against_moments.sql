with

work_orders as (

    select
        work_orders.*,
        case
            when work_orders.is_open
                then {{ local_date('organizations.as_of_at', 'work_orders.time_zone') }}
        end as as_of_on,
        staged.estimated_time_seconds
    from {{ ref('fct_work_orders') }} as work_orders
    inner join {{ ref('stg_maintainx__work_orders') }} as staged
        on
            work_orders.organization_id = staged.organization_id
            and work_orders.work_order_id = staged.work_order_id
    inner join {{ ref('dim_organizations') }} as organizations
        on work_orders.organization_id = organizations.organization_id

),

changes as (

    select
        *,
        lag(changed_at) over (
            partition by organization_id, work_order_id
            order by change_number
        ) as former_at
    from {{ ref('fct_work_order_status_changes') }}

),

durations as (

    select
        organization_id,
        work_order_id,
        'duration_hours' as column_name,
        duration_hours as found,
        {{ dbt.datediff('created_at', 'completed_at', 'second') }}
        / 3600.0 as expected
    from work_orders
    where has_valid_completion

    union all

    select
        organization_id,
        work_order_id,
        'estimated_hours' as column_name,
        estimated_hours as found,
        estimated_time_seconds / 3600.0 as expected
    from work_orders

    union all

    select
        organization_id,
        work_order_id,
        'age_days' as column_name,
        age_days as found,
        {{ dbt.datediff('created_on', 'as_of_on', 'day') }}
            as expected
    from work_orders
    where is_open

    union all

    select
        organization_id,
        work_order_id,
        'overdue_days' as column_name,
        overdue_days as found,
        {{ dbt.datediff('due_on', 'as_of_on', 'day') }}
            as expected
    from work_orders
    where is_overdue

    union all

    select
        organization_id,
        work_order_id,
        'hours_in_former_status' as column_name,
        hours_in_former_status as found,
        {{ dbt.datediff('former_at', 'changed_at', 'second') }}
        / 3600.0 as expected
    from changes
    where hours_in_former_status is not null

),

final as (

    select * from durations
    where
        (found is null) != (expected is null)
        or abs(found - expected) > 0.001

)

select * from final
