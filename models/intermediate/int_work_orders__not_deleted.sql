with

work_orders as (

    select * from {{ ref('stg_maintainx__work_orders') }}

),

parents as (

    select * from {{ ref('stg_maintainx__parent_work_orders') }}
    where not is_deleted

),

categories as (

    select * from {{ ref('int_work_orders__categories') }}

),

excluded_by_category as (

    select distinct
        organization_id,
        work_order_id
    from categories
    where category_name in {{ string_list(var('excluded_categories')) }}

),

final as (

    select
        work_orders.*,
        parents.work_order_id is not null as is_parent
    from work_orders
    left join parents
        on
            work_orders.organization_id = parents.organization_id
            and work_orders.work_order_id = parents.work_order_id
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

)

select * from final
