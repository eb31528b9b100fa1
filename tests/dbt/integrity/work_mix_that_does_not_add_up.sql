with

types as (

    select
        organization_id,
        month_start_on,
        site_location_id,
        sum(done_orders) as done_orders_of_types,
        min(total_done_orders) as total_done_orders,
        sum(order_share) as share_of_types,
        sum(logged_hours) as logged_hours_of_types,
        min(total_logged_hours) as total_logged_hours
    from {{ ref('mart_work_mix_monthly') }}
    group by organization_id, month_start_on, site_location_id

)

select * from types
where
    done_orders_of_types != total_done_orders
    or abs(share_of_types - 1) > 0.000001
    or abs(logged_hours_of_types - total_logged_hours) > 0.000001
