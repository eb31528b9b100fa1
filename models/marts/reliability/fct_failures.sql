with

intervals as (

    select * from {{ ref('fct_asset_status_intervals') }}
    where downtime_class = 'unplanned'

),

work_orders as (

    select * from {{ ref('fct_work_orders') }}
    where
        work_type = 'REACTIVE'
        and is_counted
        and not is_canceled
        and asset_id is not null
        and created_at is not null

),

assets as (

    select * from {{ ref('dim_assets') }}

),

organizations as (

    select * from {{ ref('dim_organizations') }}

),

failures as (

    select
        organization_id,
        asset_id,
        failure_number,
        {{ sum_hours('hours') }} as downtime_hours,
        max(case when is_open then 1 else 0 end) = 1 as is_open,
        min(started_at) as started_at,
        max(ended_at) as ended_at
    from intervals
    group by organization_id, asset_id, failure_number

),

{# The union of an asset's failure starts and orders, sorted by time, gives the nearest order on
   either side in one pass, for any number of orders. #}
starts_and_orders as (

    select
        organization_id,
        asset_id,
        failure_number,
        started_at as happened_at,
        null as work_order_id,
        cast(null as timestamp) as created_at,
        1 as step
    from failures

    union all

    select
        organization_id,
        asset_id,
        null as failure_number,
        created_at as happened_at,
        min(work_order_id) as work_order_id,
        created_at,
        0 as step
    from work_orders
    group by organization_id, asset_id, created_at

),

surrounded_starts as (

    select
        *,
        last_value(created_at ignore nulls) over so_far as order_before_at,
        last_value(work_order_id ignore nulls) over so_far as work_order_before_id,
        first_value(created_at ignore nulls) over from_here as order_after_at,
        first_value(work_order_id ignore nulls) over from_here as work_order_after_id
    from starts_and_orders
    window
        so_far as (
            partition by organization_id, asset_id
            order by happened_at, step
            rows between unbounded preceding and current row
        ),
        from_here as (
            partition by organization_id, asset_id
            order by happened_at, step
            rows between current row and unbounded following
        )

),

measured_failures as (

    select
        failures.*,
        lag(failures.ended_at) over (
            partition by failures.organization_id, failures.asset_id
            order by failures.started_at
        ) as previous_ended_at,
        starts.work_order_before_id,
        starts.work_order_after_id,
        coalesce(starts.order_after_at <= failures.ended_at, false) as is_order_after_in_time,
        {{ dbt.datediff('starts.order_before_at', 'failures.started_at', 'microsecond') }}
            as microseconds_before,
        {{ dbt.datediff('failures.started_at', 'starts.order_after_at', 'microsecond') }}
            as microseconds_after
    from failures
    inner join surrounded_starts as starts
        on
            failures.organization_id = starts.organization_id
            and failures.asset_id = starts.asset_id
            and failures.failure_number = starts.failure_number

),

repaired_failures as (

    select
        *,
        {{ hours_between('previous_ended_at', 'started_at') }} as hours_since_previous_failure,
        case
            when microseconds_before <= 24 * 3600000000
                then
                    case
                        when
                            not is_order_after_in_time
                            or microseconds_before < microseconds_after
                            or (
                                microseconds_before = microseconds_after
                                and work_order_before_id < work_order_after_id
                            )
                            then work_order_before_id
                        else work_order_after_id
                    end
            when is_order_after_in_time then work_order_after_id
        end as work_order_id
    from measured_failures

),

final as (

    select
        failures.organization_id,
        failures.asset_id,
        failures.failure_number,
        failures.work_order_id,
        assets.asset_name,
        failures.downtime_hours,
        failures.hours_since_previous_failure,
        failures.is_open,
        coalesce(
            failures.hours_since_previous_failure <= 24 * {{ var('repeat_failure_days') }},
            false
        ) as is_repeat,
        {{
            local_date(
                'failures.started_at',
                "coalesce(assets.time_zone, organizations.time_zone, 'UTC')"
            )
        }} as started_on,
        failures.started_at,
        failures.ended_at
    from repaired_failures as failures
    left join assets
        on
            failures.organization_id = assets.organization_id
            and failures.asset_id = assets.asset_id
    left join organizations
        on failures.organization_id = organizations.organization_id

)

select * from final
