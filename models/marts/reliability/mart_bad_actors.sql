{% set burdens = {
    'downtime': 'downtime_seconds',
    'cost': 'maintenance_cost',
    'orders': 'reactive_orders',
} -%}

with

organizations as (

    select * from {{ ref('dim_organizations') }}

),

asset_days as (

    select * from {{ ref('fct_asset_days') }}

),

{# Every day is compared with the as-of day of its own site. #}
work_orders as (

    select
        *,
        {{ cost_day('orders') }} as cost_on,
        {{ year_start(local_today('time_zone')) }} as from_on,
        {{ local_today('time_zone') }} as to_on
    from {{ ref('fct_work_orders') }} as orders

),

order_costs as (

    select * from {{ ref('int_work_orders__costs') }}

),

assets as (

    select
        *,
        {{ year_start(local_today('time_zone')) }} as from_on,
        {{ local_today('time_zone') }} as to_on
    from {{ ref('dim_assets') }}

),

downtime as (

    select
        asset_days.organization_id,
        asset_days.asset_id,
        sum(cast(asset_days.down_hours * 3600 as decimal(28, 6))) as downtime_seconds,
        {{ sum_hours('asset_days.unplanned_hours') }} as unplanned_hours,
        sum(asset_days.failures) as failures,
        count(*) as recorded_days
    from asset_days
    inner join assets
        on
            asset_days.organization_id = assets.organization_id
            and asset_days.asset_id = assets.asset_id
            and asset_days.day_on between assets.from_on and assets.to_on
    group by asset_days.organization_id, asset_days.asset_id

),

costs as (

    select
        work_orders.organization_id,
        work_orders.asset_id,
        sum(work_orders.total_cost) as maintenance_cost,
        count(case when not work_orders.is_parent then 1 end) as orders,
        count(case when not work_orders.is_parent and order_costs.has_cost then 1 end)
            as orders_with_cost
    from work_orders
    left join order_costs
        on
            work_orders.organization_id = order_costs.organization_id
            and work_orders.work_order_id = order_costs.work_order_id
    where work_orders.cost_on between work_orders.from_on and work_orders.to_on
    group by work_orders.organization_id, work_orders.asset_id

),

reactive_orders as (

    select
        organization_id,
        asset_id,
        count(*) as reactive_orders
    from work_orders
    where
        created_on between from_on and to_on
        and work_type = 'REACTIVE'
        and is_counted
        and not is_canceled
    group by organization_id, asset_id

),

burdens as (

    select
        assets.organization_id,
        assets.asset_id,
        coalesce(downtime.downtime_seconds, 0) as downtime_seconds,
        coalesce(downtime.unplanned_hours, 0) as unplanned_hours,
        coalesce(downtime.failures, 0) as failures,
        coalesce(downtime.recorded_days, 0) as recorded_days,
        coalesce(costs.maintenance_cost, 0) as maintenance_cost,
        coalesce(costs.orders, 0) as orders,
        coalesce(costs.orders_with_cost, 0) as orders_with_cost,
        coalesce(reactive_orders.reactive_orders, 0) as reactive_orders
    from assets
    left join downtime
        on
            assets.organization_id = downtime.organization_id
            and assets.asset_id = downtime.asset_id
    left join costs
        on
            assets.organization_id = costs.organization_id
            and assets.asset_id = costs.asset_id
    left join reactive_orders
        on
            assets.organization_id = reactive_orders.organization_id
            and assets.asset_id = reactive_orders.asset_id

),

ranked_burdens as (

    select
        {% for burden, figure in burdens.items() %}
            row_number() over (
                partition by organization_id
                order by {{ figure }} desc, asset_id
            ) as {{ burden }}_rank,
            sum({{ figure }}) over (
                partition by organization_id
                order by {{ figure }} desc, asset_id
                rows between unbounded preceding and current row
            ) as cumulative_{{ figure }},
            sum({{ figure }}) over (partition by organization_id) as total_{{ figure }},
        {% endfor %}
        burdens.*
    from burdens
    where
        downtime_seconds > 0
        or maintenance_cost > 0
        or reactive_orders > 0

),

final as (

    select
        ranked_burdens.organization_id,
        ranked_burdens.asset_id,
        assets.site_location_id,
        assets.asset_name,
        assets.asset_path,
        assets.location_path,
        assets.site_name,
        assets.site_label,
        assets.from_on,
        assets.to_on,
        cast(ranked_burdens.downtime_seconds as {{ type_double() }}) / 3600 as downtime_hours,
        ranked_burdens.unplanned_hours,
        cast(ranked_burdens.failures as bigint) as failures,
        {{ to_amount('ranked_burdens.maintenance_cost') }} as maintenance_cost,
        organizations.currency,
        ranked_burdens.reactive_orders,
        {% for burden, figure in burdens.items() %}
            ranked_burdens.{{ burden }}_rank,
            cast(ranked_burdens.{{ figure }} as {{ type_double() }})
            / nullif(ranked_burdens.total_{{ figure }}, 0) as {{ burden }}_share,
            cast(ranked_burdens.cumulative_{{ figure }} as {{ type_double() }})
            / nullif(ranked_burdens.total_{{ figure }}, 0) as {{ burden }}_cumulative_share,
        {% endfor %}
        cast(ranked_burdens.total_downtime_seconds as {{ type_double() }}) / 3600
            as total_downtime_hours,
        {{ to_amount('ranked_burdens.total_maintenance_cost') }} as total_maintenance_cost,
        cast(ranked_burdens.total_reactive_orders as bigint) as total_reactive_orders,
        ranked_burdens.recorded_days
        / (
            1
            + {{ dbt.datediff('assets.from_on', 'assets.to_on', 'day') }}
        ) as downtime_coverage,
        ranked_burdens.orders_with_cost / nullif(ranked_burdens.orders, 0) as cost_coverage
    from ranked_burdens
    inner join organizations
        on ranked_burdens.organization_id = organizations.organization_id
    inner join assets
        on
            ranked_burdens.organization_id = assets.organization_id
            and ranked_burdens.asset_id = assets.asset_id

)

select * from final
