{% set hours = ['required', 'ignored', 'planned', 'unplanned', 'unclassified', 'down', 'up'] %}
{% set rolled = [
    'required_seconds',
    'ignored_seconds',
    'down_seconds',
    'failures',
    'recorded_days',
] -%}

with

asset_days as (

    select
        *,
        cast({{ dbt.date_trunc('month', 'day_on') }} as date) as month_start_on
    from {{ ref('fct_asset_days') }}

),

failures as (

    select
        organization_id,
        asset_id,
        cast({{ dbt.date_trunc('month', 'started_on') }} as date) as month_start_on,
        count(*) as closed_failures,
        {{ sum_hours('downtime_hours') }} as closed_failure_hours
    from {{ ref('fct_failures') }}
    where not is_open
    group by organization_id, asset_id, month_start_on

),

assets as (

    select * from {{ ref('dim_assets') }}

),

organizations as (

    select * from {{ ref('dim_organizations') }}

),

work_orders as (

    select * from {{ ref('fct_work_orders') }}
    where
        work_type = 'REACTIVE'
        and is_counted
        and is_done
        and asset_id is not null
        and completed_at <= {{ as_of() }}

),

{# A repair counts in a month of the asset's site, like the asset's other figures. #}
dated_repairs as (

    select
        work_orders.organization_id,
        work_orders.asset_id,
        work_orders.logged_hours,
        {{
            local_date(
                'work_orders.completed_at',
                "coalesce(assets.time_zone, organizations.time_zone, 'UTC')"
            )
        }} as completed_on
    from work_orders
    left join assets
        on
            work_orders.organization_id = assets.organization_id
            and work_orders.asset_id = assets.asset_id
    left join organizations
        on work_orders.organization_id = organizations.organization_id

),

repairs as (

    select
        organization_id,
        asset_id,
        cast({{ dbt.date_trunc('month', 'completed_on') }} as date) as month_start_on,
        count(*) as repair_orders,
        sum(case when logged_hours > 0 then 1 else 0 end) as mttr_orders,
        {{ sum_hours('case when logged_hours > 0 then logged_hours end') }} as mttr_logged_hours
    from dated_repairs
    group by organization_id, asset_id, month_start_on

),

months as (

    select
        organization_id,
        asset_id,
        month_start_on,
        {% for kind in hours %}
            sum(cast({{ kind }}_hours * 3600 as decimal(28, 6))) as {{ kind }}_seconds,
        {% endfor %}
        sum(failures) as failures,
        count(*) as recorded_days
    from asset_days
    group by organization_id, asset_id, month_start_on

),

readings as (

    select
        *,
        count(*) over (partition by organization_id, asset_id, meter_id) as readings_of_meter
    from {{ ref('fct_meter_readings') }}
    where
        lower({{ trimmed('unit') }})
        in {{ string_list(var('running_hour_units') | map('lower') | list) }}
        and asset_id is not null
        and value is not null
        and read_at is not null

),

{# Of several hour meters of an asset, the one that was read most often counts. #}
hour_meter_readings as (

    select *
    from readings
    qualify
        dense_rank() over (
            partition by organization_id, asset_id
            order by readings_of_meter desc, meter_id asc
        ) = 1

),

readings_and_failures as (

    select
        organization_id,
        asset_id,
        reading_id,
        value,
        read_at,
        observed_at,
        0 as step
    from hour_meter_readings

    union all

    select
        organization_id,
        asset_id,
        null as reading_id,
        null as value,
        started_at as read_at,
        null as observed_at,
        1 as step
    from {{ ref('fct_failures') }}

),

{# A failure at the moment of a reading belongs to the span that begins there. #}
counted_readings as (

    select
        organization_id,
        asset_id,
        reading_id,
        value,
        read_at,
        observed_at,
        step = 0 as is_reading,
        sum(step) over (
            partition by organization_id, asset_id
            order by read_at nulls last, step
            rows between unbounded preceding and current row
        ) as earlier_failures
    from readings_and_failures

),

followed_readings as (

    select
        organization_id,
        asset_id,
        value - lag(value) over of_asset as running_hours,
        earlier_failures - lag(earlier_failures) over of_asset as failures,
        lag(read_at) over of_asset as since_at,
        read_at as until_at
    from counted_readings
    where is_reading
    window of_asset as (
        partition by organization_id, asset_id
        order by read_at nulls last, observed_at, reading_id
    )

),

{# A falling reading is a reset, and one that rises faster than time a mistyped or exchanged one:
   such a span counts nowhere. The hour allows for times that were rounded. #}
spans as (

    select
        readings.organization_id,
        readings.asset_id,
        readings.since_at,
        readings.until_at,
        readings.running_hours,
        readings.failures,
        {{ hours_between('readings.since_at', 'readings.until_at') }} as span_hours,
        {{
            local_date(
                'readings.since_at', "coalesce(assets.time_zone, organizations.time_zone, 'UTC')"
            )
        }} as since_on,
        {{
            local_date(
                'readings.until_at', "coalesce(assets.time_zone, organizations.time_zone, 'UTC')"
            )
        }} as until_on
    from followed_readings as readings
    left join assets
        on
            readings.organization_id = assets.organization_id
            and readings.asset_id = assets.asset_id
    left join organizations
        on readings.organization_id = organizations.organization_id
    where
        readings.running_hours >= 0
        and readings.running_hours
        <= {{ hours_between('readings.since_at', 'readings.until_at') }} + 1

),

{# An asset has a row for every month from its first to its last. #}
rolled_months as (

    select
        months.*,
        {% for figure in rolled %}
            sum(months.{{ figure }}) over (
                partition by months.organization_id, months.asset_id
                order by months.month_start_on
                rows between 11 preceding and current row
            ) as {{ figure }}_12m,
        {% endfor %}
        cast({{ dbt.dateadd('month', -11, 'months.month_start_on') }} as date) as year_start_on,
        least(
            cast({{ dbt.dateadd('month', 1, 'months.month_start_on') }} as date),
            {{
                add_days(
                    local_today("coalesce(assets.time_zone, organizations.time_zone, 'UTC')"), 1
                )
            }}
        ) as next_start_on
    from months
    left join assets
        on
            months.organization_id = assets.organization_id
            and months.asset_id = assets.asset_id
    left join organizations
        on months.organization_id = organizations.organization_id

),

hourly_months as (

    select
        *,
        {% for kind in hours %}
            cast({{ kind }}_seconds as {{ type_double() }}) / 3600 as {{ kind }}_hours,
        {% endfor %}
        {% for kind in ['required', 'ignored', 'down'] %}
            cast({{ kind }}_seconds_12m as {{ type_double() }}) / 3600 as {{ kind }}_hours_12m,
        {% endfor %}
        cast(
            required_seconds_12m - ignored_seconds_12m - down_seconds_12m as {{ type_double() }}
        )
        / 3600 as up_hours_12m
    from rolled_months

),

running_months as (

    select
        months.organization_id,
        months.asset_id,
        months.month_start_on,
        {{ sum_hours('spans.running_hours') }} as running_hours,
        {{ sum_hours('spans.span_hours') }} as span_hours,
        sum(spans.failures) as failures
    from rolled_months as months
    inner join spans
        on
            months.organization_id = spans.organization_id
            and months.asset_id = spans.asset_id
            and months.year_start_on <= spans.since_on
            and months.next_start_on > spans.until_on
    group by months.organization_id, months.asset_id, months.month_start_on

),

final as (

    select
        months.organization_id,
        months.asset_id,
        months.month_start_on,
        assets.site_location_id,
        assets.asset_name,
        coalesce(assets.location_path, '') as location_path,
        assets.site_name,
        assets.site_label,
        months.required_hours,
        months.ignored_hours,
        months.planned_hours,
        months.unplanned_hours,
        months.unclassified_hours,
        months.down_hours,
        months.up_hours,
        cast(months.failures as bigint) as failures,
        months.up_hours / nullif(months.required_hours - months.ignored_hours, 0) as availability,
        months.recorded_days
        / {{ dbt.datediff('months.month_start_on', 'months.next_start_on', 'day') }}
            as availability_coverage,
        months.required_hours_12m,
        months.ignored_hours_12m,
        months.down_hours_12m,
        cast(months.failures_12m as bigint) as failures_12m,
        months.up_hours_12m / nullif(months.failures_12m, 0) as mtbf_hours,
        months.recorded_days_12m
        / {{ dbt.datediff('months.year_start_on', 'months.next_start_on', 'day') }}
            as mtbf_coverage,
        running.running_hours as running_hours_12m,
        cast(running.failures as bigint) as running_failures_12m,
        running.running_hours / nullif(running.failures, 0) as mtbf_running_hours,
        least(
            coalesce(running.span_hours, 0)
            / 24
            / {{ dbt.datediff('months.year_start_on', 'months.next_start_on', 'day') }},
            1
        ) as mtbf_running_coverage,
        coalesce(failures.closed_failures, 0) as closed_failures,
        coalesce(failures.closed_failure_hours, 0) as closed_failure_hours,
        failures.closed_failure_hours / failures.closed_failures as mean_downtime_hours,
        coalesce(failures.closed_failures, 0) / nullif(months.failures, 0)
            as mean_downtime_coverage,
        cast(coalesce(repairs.repair_orders, 0) as bigint) as repair_orders,
        cast(coalesce(repairs.mttr_orders, 0) as bigint) as mttr_orders,
        coalesce(repairs.mttr_logged_hours, 0) as mttr_logged_hours,
        repairs.mttr_logged_hours / nullif(repairs.mttr_orders, 0) as mttr_hours,
        repairs.mttr_orders / repairs.repair_orders as mttr_coverage
    from hourly_months as months
    left join running_months as running
        on
            months.organization_id = running.organization_id
            and months.asset_id = running.asset_id
            and months.month_start_on = running.month_start_on
    left join failures
        on
            months.organization_id = failures.organization_id
            and months.asset_id = failures.asset_id
            and months.month_start_on = failures.month_start_on
    left join repairs
        on
            months.organization_id = repairs.organization_id
            and months.asset_id = repairs.asset_id
            and months.month_start_on = repairs.month_start_on
    left join assets
        on
            months.organization_id = assets.organization_id
            and months.asset_id = assets.asset_id

)

select * from final
