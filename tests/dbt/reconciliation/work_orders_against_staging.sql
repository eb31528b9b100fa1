with

work_orders as (

    select * from {{ ref('stg_maintainx__work_orders') }}

),

excluded_by_category as (

    select distinct
        organization_id,
        work_order_id
    from {{ ref('int_work_orders__categories') }}
    where category_name in {{ string_list(var('excluded_categories')) }}

),

staged as (

    select
        work_orders.organization_id,
        work_orders.work_order_id
    from work_orders
    left join excluded_by_category
        on
            work_orders.organization_id = excluded_by_category.organization_id
            and work_orders.work_order_id = excluded_by_category.work_order_id
    where
        not work_orders.is_deleted
        and coalesce(work_orders.created_at <= {{ as_of() }}, true)
        and excluded_by_category.work_order_id is null
        and not coalesce(
            coalesce(work_orders.work_type, 'UNKNOWN')
            in {{ string_list(var('excluded_work_types')) }},
            false
        )

),

mart_records as (

    select
        organization_id,
        work_order_id
    from {{ ref('fct_work_orders') }}

),

{{ differences('staged', 'mart_records') }}

select * from final
