with

assets as (

    select * from {{ ref('dim_assets') }}
    where not is_deleted

),

organizations as (

    select * from {{ ref('dim_organizations') }}

),

work_orders as (

    select
        *,
        {{ cost_day('orders') }} as cost_on,
        {{ local_today('time_zone') }} as as_of_on
    from {{ ref('fct_work_orders') }} as orders

),

costs as (

    select * from {{ ref('int_work_orders__costs') }}

),

summed as (

    select
        work_orders.organization_id,
        work_orders.asset_id,
        count(case when not work_orders.is_parent then 1 end) as orders_12m,
        count(case when not work_orders.is_parent and costs.has_cost then 1 end)
            as orders_with_cost_12m,
        sum(work_orders.total_cost) as cost_12m
    from work_orders
    left join costs
        on
            work_orders.organization_id = costs.organization_id
            and work_orders.work_order_id = costs.work_order_id
    where
        work_orders.cost_on
        between {{ year_start('work_orders.as_of_on') }}
        and work_orders.as_of_on
    group by work_orders.organization_id, work_orders.asset_id

),

final as (

    select
        assets.organization_id,
        assets.asset_id,
        assets.site_location_id,
        assets.asset_name,
        assets.location_path,
        assets.site_name,
        assets.site_label,
        organizations.currency,
        coalesce(summed.orders_12m, 0) as orders_12m,
        coalesce(summed.orders_with_cost_12m, 0) as orders_with_cost_12m,
        summed.orders_with_cost_12m / nullif(summed.orders_12m, 0)
            as cost_coverage,
        {{ to_amount('coalesce(summed.cost_12m, 0)') }} as cost_12m,
        assets.purchase_price,
        {{ to_number('coalesce(summed.cost_12m, 0)') }}
        / nullif({{ to_number('assets.purchase_price') }}, 0)
            as cost_share,
        assets.book_value,
        assets.useful_life_years,
        case
            when assets.useful_life_years > assets.years_depreciated
                then assets.useful_life_years - assets.years_depreciated
            when assets.useful_life_years <= assets.years_depreciated then 0
        end as remaining_life_years,
        assets.purchase_price is not null as has_purchase_price,
        {{ local_today('assets.time_zone') }} as as_of_on
    from assets
    left join organizations
        on assets.organization_id = organizations.organization_id
    left join summed
        on
            assets.organization_id = summed.organization_id
            and assets.asset_id = summed.asset_id

)

select * from final
