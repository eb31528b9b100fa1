with

work_orders as (

    select
        *,
        {{ cost_day('orders') }} as cost_on
    from {{ ref('fct_work_orders') }} as orders

),

costs as (

    select * from {{ ref('int_work_orders__costs') }}

),

organizations as (

    select * from {{ ref('dim_organizations') }}

),

sites as (

    select * from {{ ref('int_locations__sites') }}

),

assets as (

    select * from {{ ref('dim_assets') }}

),

summed as (

    select
        work_orders.organization_id,
        cast({{ dbt.date_trunc('month', 'work_orders.cost_on') }} as date) as month_start_on,
        coalesce(work_orders.site_location_id, 0) as site_location_id,
        coalesce(work_orders.asset_id, 0) as asset_id,
        count(case when not work_orders.is_parent then 1 end) as orders,
        count(case when not work_orders.is_parent and costs.has_cost then 1 end)
            as orders_with_cost,
        sum(work_orders.labour_cost) as labour_cost,
        sum(work_orders.parts_cost) as parts_cost,
        sum(work_orders.other_cost) as other_cost,
        sum(work_orders.total_cost) as total_cost
    from work_orders
    left join costs
        on
            work_orders.organization_id = costs.organization_id
            and work_orders.work_order_id = costs.work_order_id
    where
        work_orders.cost_on <= {{ local_today('work_orders.time_zone') }}
        and (not work_orders.is_parent or costs.has_cost)
    group by
        work_orders.organization_id,
        month_start_on,
        coalesce(work_orders.site_location_id, 0),
        coalesce(work_orders.asset_id, 0)

),

final as (

    select
        summed.organization_id,
        summed.month_start_on,
        summed.site_location_id,
        summed.asset_id,
        coalesce(sites.site_name, '') as site_name,
        coalesce(sites.site_label, '') as site_label,
        coalesce(assets.asset_name, '') as asset_name,
        organizations.currency,
        summed.orders,
        summed.orders_with_cost,
        summed.orders_with_cost / nullif(summed.orders, 0) as cost_coverage,
        {{ to_amount('summed.labour_cost') }} as labour_cost,
        {{ to_amount('summed.parts_cost') }} as parts_cost,
        {{ to_amount('summed.other_cost') }} as other_cost,
        {{ to_amount('summed.total_cost') }} as total_cost
    from summed
    left join organizations
        on summed.organization_id = organizations.organization_id
    left join sites
        on
            summed.organization_id = sites.organization_id
            and summed.site_location_id = sites.site_location_id
    left join assets
        on
            summed.organization_id = assets.organization_id
            and summed.asset_id = assets.asset_id

)

select * from final
